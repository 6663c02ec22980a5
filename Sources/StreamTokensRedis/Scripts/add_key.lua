-- KEYS organization, key. ARGV id, digest, limit, window. A key that is there already keeps its standing.
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
redis.call('HSETNX', KEYS[1], 'key:' .. ARGV[1], '1:0:' .. ARGV[2])
redis.call('HSET', KEYS[2], 'id', ARGV[1], 'limit', ARGV[3], 'window', ARGV[4])
redis.call('HDEL', KEYS[2], 'at', 'count', 'before')
return 1
