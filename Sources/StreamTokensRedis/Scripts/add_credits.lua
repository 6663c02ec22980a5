-- KEYS organization, a name for this call. ARGV credits, how long the call is remembered.
-- Unlimited credits stay unlimited, and a repeated call changes nothing.
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
if redis.call('HEXISTS', KEYS[1], 'credits') == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
redis.call('SET', KEYS[2], '', 'PX', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'credits', ARGV[1])
return 1
