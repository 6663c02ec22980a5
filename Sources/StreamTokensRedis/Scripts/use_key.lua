-- KEYS key, a name for this call. ARGV clock, requests, the most that are counted, how long the call is remembered.
local limit, window, current, count, before = read_counter(KEYS[1])
if not limit or call('EXISTS', KEYS[2]) == 1 then return 0 end
call('SET', KEYS[2], '', 'PX', ARGV[4])
write_counter(KEYS[1], current, math.min(count + tonumber(ARGV[2]), tonumber(ARGV[3])), before)
return 0
