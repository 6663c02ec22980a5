-- KEYS organization, key. ARGV key id, digest. What stays is the key's epoch, raised: open streams learn by it that they
-- were revoked, and the key's tokens stay so. A call that comes again changes nothing.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local epoch, digest = string.match(standing or '', '^%d:(%d+):?(.*)$')
if digest == '' then return 1 end
if digest ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], '0:' .. tonumber(epoch) + 1)
redis.call('UNLINK', KEYS[2])
return 1
