-- KEYS organization, key. ARGV id, digest, limit, window, name or an empty text. An existing key keeps its standing;
-- one that was removed gets the epoch that its removal left.
local field = 'key:' .. ARGV[1]
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
local standing = redis.call('HGET', KEYS[1], field)
local removed = standing and string.match(standing, '^0:(%d+)$')
if not standing or removed then redis.call('HSET', KEYS[1], field, '1:' .. (removed or '0') .. ':' .. ARGV[2]) end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'limit', ARGV[3], 'window', ARGV[4], 'name', ARGV[5])
redis.call('HDEL', KEYS[2], 'at', 'count', 'before')
return 1
