-- KEYS organization, key, token. ARGV clock, key id, ttl, how long a refusal is remembered.
-- Answers {0 minted | 1 unauthorized | 2 limited | 3 no credits, limit, remaining, milliseconds until the next}.
local standing, epoch, credits = unpack(call('HMGET', KEYS[1], 'key:' .. ARGV[2], 'epoch', 'credits'))
if not standing or string.byte(standing) ~= 49 then return {1} end
local limit, window, current, count, before = read_counter(KEYS[2])
if not limit then return {1} end

local left = window - now % window
local weight = math.floor((before * left + window - 1) / window)

-- Until the estimate is at most the limit less one.
local function wait()
    local room = limit - 1
    if count + weight <= room then return 0 end
    if count <= room then return left - math.floor((room - count) * window / before) end
    return left + window - math.floor(room * window / count)
end

local record = read(KEYS[3])
if record then
    local retry = record.remaining > 0 and 0 or wait()
    return {record.state == 'N' and 3 or 0, limit, record.remaining, retry}
end
if count + weight >= limit then return {2, limit, 0, wait()} end

count = count + 1
local remaining = limit - count - weight
write_counter(KEYS[2], current, count, before)
local mint = ':' .. ARGV[2] .. ':' .. now .. ':' .. ARGV[3] .. ':' .. (epoch or 0)
    .. ':' .. string.match(standing, '^%d:(%d+)') .. ':' .. remaining
if credits and tonumber(credits) <= 0 then
    local ending = now + ARGV[4]
    call('SET', KEYS[3], 'N' .. mint .. ':-:' .. now .. ':' .. ending .. ':0', 'PX', ARGV[4] + slack)
    return {3, limit, remaining, wait()}
end
call('SET', KEYS[3], 'L' .. mint, 'PX', ARGV[3] * 1000 + slack)
return {0, limit, remaining, wait()}
