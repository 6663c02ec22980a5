-- KEYS organization, key. ARGV key id, digest, and pairs of a field of the key and its new value.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
if string.match(standing or '', '^%d:%d+:(.+)$') ~= ARGV[2] then return 0 end
local window = redis.call('HGET', KEYS[2], 'window')
for index = 3, #ARGV, 2 do
    redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1])
    -- A count in windows of another length has no meaning.
    if ARGV[index] == 'window' and ARGV[index + 1] ~= window then
        redis.call('HDEL', KEYS[2], 'at', 'count', 'before')
    end
end
return 1
