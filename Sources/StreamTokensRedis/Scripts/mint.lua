-- KEYS organization, key, token. ARGV clock, key id, ttl, how long the records of a refusal and of a live token are
-- kept.
-- Returns {0 minted | 1 unauthorized | 2 limited | 3 no credits, limit, remaining, milliseconds until the next}.
local standing, epoch, credits = unpack(call('HMGET', KEYS[1], 'key:' .. ARGV[2], 'epoch', 'credits'))
local key_epoch = standing and string.match(standing, '^1:(%d+)')
if not key_epoch then return {1} end
local limit, window, current, count, before = read_counter(KEYS[2])
if not limit then return {1} end
local left = window - now % window
local remaining = limit - count - math.floor((before * left + window - 1) / window) - 1

-- Converting numbers to text costs more than everything else here, so there are as few conversions as possible.
local code, lifetime, minted = 0, ARGV[5], string.format('%d', now)
local text = ':' .. ARGV[2] .. ':' .. minted .. ':' .. ARGV[3] .. ':' .. (epoch or '0') .. ':' .. key_epoch
    .. ':' .. remaining
if credits and tonumber(credits) <= 0 then
    code, lifetime = 3, ARGV[4]
    text = 'N' .. text .. ':-:' .. minted .. ':' .. now + tonumber(lifetime) .. ':0'
else
    text = 'L' .. text
end
if slack > 0 then lifetime = tonumber(lifetime) + slack end

-- The record is read only if there is one already.
if remaining < 0 or not call('SET', KEYS[3], text, 'PX', lifetime, 'NX') then
    local record = read(KEYS[3])
    if record then
        local retry = record.remaining > 0 and 0 or wait(limit, window, left, count, before)
        return {record.state == 'N' and 3 or 0, limit, record.remaining, retry}
    end
    if remaining < 0 then return {2, limit, 0, wait(limit, window, left, count, before)} end
    -- The record has lapsed, but Redis has not yet removed it.
    call('SET', KEYS[3], text, 'PX', lifetime)
end
write_counter(KEYS[2], current, count + 1, before)
return {code, limit, remaining, remaining > 0 and 0 or wait(limit, window, left, count + 1, before)}
