-- KEYS organization, key, token. ARGV clock, key id, ttl, how long a refusal is remembered.
-- Answers {0 minted | 1 unauthorized | 2 limited | 3 no credits, limit, remaining, milliseconds until the next}.
local standing, epoch, credits = unpack(call('HMGET', KEYS[1], 'key:' .. ARGV[2], 'epoch', 'credits'))
local key_epoch = standing and string.match(standing, '^1:(%d+)')
if not key_epoch then return {1} end
local limit, window, current, count, before = read_counter(KEYS[2])
if not limit then return {1} end
local left = window - now % window
local remaining = limit - count - math.floor((before * left + window - 1) / window) - 1

-- Numbers that become text cost more than all else here: there are as few as can be.
local code, lifetime, minted = 0, ARGV[3] .. '000', string.format('%d', now)
local text = ':' .. ARGV[2] .. ':' .. minted .. ':' .. ARGV[3] .. ':' .. (epoch or '0') .. ':' .. key_epoch
    .. ':' .. remaining
if credits and tonumber(credits) <= 0 then
    code, lifetime = 3, ARGV[4]
    text = 'N' .. text .. ':-:' .. minted .. ':' .. now + lifetime .. ':0'
else
    text = 'L' .. text
end
if slack > 0 then lifetime = lifetime + slack end

-- Only where a record is there already is it worth reading.
if remaining < 0 or not call('SET', KEYS[3], text, 'PX', lifetime, 'NX') then
    local record = read(KEYS[3])
    if record then
        local retry = record.remaining > 0 and 0 or wait(limit, window, left, count, before)
        return {record.state == 'N' and 3 or 0, limit, record.remaining, retry}
    end
    if remaining < 0 then return {2, limit, 0, wait(limit, window, left, count, before)} end
    -- It has had its time, and Redis has not yet swept it.
    call('SET', KEYS[3], text, 'PX', lifetime)
end
write_counter(KEYS[2], current, count + 1, before)
return {code, limit, remaining, remaining > 0 and 0 or wait(limit, window, left, count + 1, before)}
