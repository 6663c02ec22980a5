-- KEYS organization, held, open. ARGV clock. Returns name, credits, max_streams, and how many are held and open.
local name, credits, max_streams = unpack(call('HMGET', KEYS[1], 'name', 'credits', 'max_streams'))
return {name, credits, max_streams, leased(KEYS[2]), leased(KEYS[3])}
