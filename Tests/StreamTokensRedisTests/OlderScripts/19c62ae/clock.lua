-- ARGV[1] is an offset to Redis' own time in milliseconds, or after "=" the time itself, for tests.
local call = redis.call
local now
-- What records are kept for beyond their time: where time is told, Redis' expiry must not run ahead of it.
local slack = 0
if string.byte(ARGV[1]) == 61 then
    now = tonumber(string.sub(ARGV[1], 2))
    slack = 3600000
else
    local time = call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
end
