-- KEYS organization. ARGV key id, its digest or nothing, 1 to enable or 0 to disable. Disabling raises the key's epoch.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local enabled, epoch, digest = string.match(standing or '', '^(%d):(%d+):(.+)$')
if not digest or (ARGV[2] ~= '' and ARGV[2] ~= digest) then return 0 end
if enabled ~= ARGV[3] then
    -- Disabling is the change from 1: the epoch rises by what the key was.
    redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], ARGV[3] .. ':' .. tonumber(epoch) + tonumber(enabled) .. ':' .. digest)
end
return 1
