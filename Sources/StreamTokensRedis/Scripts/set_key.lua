-- KEYS organization. ARGV key id, its digest or an empty text, 1 to enable or 0 to disable. Disabling raises the key's
-- epoch.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local code, epoch, digest = string.match(standing or '', '^(%d):(%d+):(.+)$')
if not digest or (ARGV[2] ~= '' and ARGV[2] ~= digest) then return 0 end
local enabled, wanted = tonumber(code) % 2, tonumber(ARGV[3])
if enabled ~= wanted then
    -- <enabled> is 1 only if the key is being disabled, so adding it raises the epoch just then.
    local changed = tonumber(code) - enabled + wanted
    redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], changed .. ':' .. tonumber(epoch) + enabled .. ':' .. digest)
end
return 1
