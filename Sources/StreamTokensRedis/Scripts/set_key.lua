-- KEYS organization. ARGV key id, 1 to enable or 0 to disable. Disabling raises the key's epoch.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
if not standing then return 0 end
local enabled, epoch, digest = string.match(standing, '^(%d):(%d+):(.+)$')
if enabled ~= ARGV[2] then
    -- Disabling is the change from 1: the epoch rises by what the key was.
    redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], ARGV[2] .. ':' .. tonumber(epoch) + tonumber(enabled) .. ':' .. digest)
end
return 1
