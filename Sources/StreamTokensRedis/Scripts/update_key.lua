-- KEYS organization, key. ARGV key id, digest, and pairs of a field of the key and its new value. The field policy, 1
-- if the key mints only tokens with a policy or 0, is part of the standing.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local code, epoch, digest = string.match(standing or '', '^(%d):(%d+):(.+)$')
if digest ~= ARGV[2] then return 0 end
local window = redis.call('HGET', KEYS[2], 'window')
for index = 3, #ARGV, 2 do
    if ARGV[index] == 'policy' then
        local changed = tonumber(code) % 2 + 2 * tonumber(ARGV[index + 1])
        redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], changed .. ':' .. epoch .. ':' .. digest)
    else
        redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1])
    end
    -- A count in windows of another length has no meaning.
    if ARGV[index] == 'window' and ARGV[index + 1] ~= window then
        redis.call('HDEL', KEYS[2], 'at', 'count', 'before')
    end
end
return 1
