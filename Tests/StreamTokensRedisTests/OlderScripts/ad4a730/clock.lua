-- ARGV[1] is an offset in milliseconds to Redis' own time, or, for tests, "=" and the time itself.
-- Servers run scripts in Lua 5.1 or 5.4. Only tonumber may convert text to a number: in 5.4, math.max and comparisons
-- fail if one operand is text. A number that becomes text or goes to Redis must be a whole one: in 5.4, 1.0 is written
-- "1.0".
local call = redis.call
local unpack = table.unpack or unpack
local now
-- How much longer records are kept: if the time is given, Redis' own expiry must not run ahead of it.
local slack = 0
if string.byte(ARGV[1]) == 61 then
    now = tonumber(string.sub(ARGV[1], 2))
    slack = 3600000
else
    local time = call('TIME')
    now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
end
