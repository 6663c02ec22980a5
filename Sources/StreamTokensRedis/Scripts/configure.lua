-- KEYS organization. ARGV a command on a hash and its arguments, executed only if the organization exists.
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
redis.call(ARGV[1], KEYS[1], (table.unpack or unpack)(ARGV, 2))
return 1
