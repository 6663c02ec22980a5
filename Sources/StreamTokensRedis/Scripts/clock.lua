-- ARGV[1] is an offset to Redis' own time in milliseconds, or after "=" the time itself, for tests.
-- Servers run scripts in Lua 5.1 or 5.4: text is made a number by tonumber alone, for there math.max and comparisons of the
-- one with the other fail, and a number that Redis is given or that becomes text is a whole one, for there 1.0 is not 1.
local call = redis.call
local unpack = table.unpack or unpack
local now
-- What records are kept for beyond their time: where time is told, Redis' expiry must not run ahead of it.
local slack = 0
if string.byte(ARGV[1]) == 61 then
    now = tonumber(string.sub(ARGV[1], 2))
    slack = 3600000
else
    local time = call('TIME')
    now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
end
