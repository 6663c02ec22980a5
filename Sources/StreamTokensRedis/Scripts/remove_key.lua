-- KEYS organization, key. ARGV key id, digest. The key's epoch stays, raised: it tells open streams that they were
-- revoked, and keeps the key's tokens revoked. A repeated call changes nothing.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local epoch, digest = string.match(standing or '', '^%d:(%d+):?(.*)$')
if digest == '' then return 1 end
if digest ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], '0:' .. tonumber(epoch) + 1)
redis.call('UNLINK', KEYS[2])
return 1
