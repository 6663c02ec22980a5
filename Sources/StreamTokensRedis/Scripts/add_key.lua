-- KEYS organization, key. ARGV id, digest, limit, window, name or an empty text, 1 if it mints only tokens with a
-- policy or 0. An existing key stays enabled or disabled; one that was removed gets the epoch that its removal left.
local field = 'key:' .. ARGV[1]
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
local standing = redis.call('HGET', KEYS[1], field)
local removed = standing and string.match(standing, '^0:(%d+)$')
local enabled, rest = 1, (removed or '0') .. ':' .. ARGV[2]
if standing and not removed then
    enabled, rest = string.match(standing, '^(%d):(.+)$')
    enabled = tonumber(enabled) % 2
end
local wanted = enabled + 2 * tonumber(ARGV[6]) .. ':' .. rest
if wanted ~= standing then redis.call('HSET', KEYS[1], field, wanted) end
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'limit', ARGV[3], 'window', ARGV[4], 'name', ARGV[5])
redis.call('HDEL', KEYS[2], 'at', 'count', 'before')
return 1
