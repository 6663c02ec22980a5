-- KEYS organization. ARGV a command of hashes and its arguments, carried out if there is the organization.
if redis.call('HEXISTS', KEYS[1], 'name') == 0 then return 0 end
redis.call(ARGV[1], KEYS[1], (table.unpack or unpack)(ARGV, 2))
return 1
