-- KEYS organization, token, held, open. ARGV clock, attempt, an open stream's lease, how long a tombstone is kept.
-- Returns 0 committed or 1 lost.
local record = read(KEYS[2])
if record and record.state == 'U' and record.attempt == ARGV[2] then return 0 end
local holds = record and record.state == 'R' and record.attempt == ARGV[2] and now < record.at
local credits
if holds then
    local epoch, standing
    epoch, credits, standing = unpack(call('HMGET', KEYS[1], 'epoch', 'credits', 'key:' .. record.id))
    holds = not outdated(record, epoch, standing)
end
if not holds then
    call('ZREM', KEYS[3], ARGV[2])
    return 1
end

-- If credits were lowered since the reservation, there may be none to charge: they never fall below 0.
local charged = credits and tonumber(credits) > 0 and 1 or 0
write(KEYS[2], record, 'U', ARGV[2], now, now + math.max(record.ttl * 1000, tonumber(ARGV[4])), charged)
if charged == 1 then call('HINCRBY', KEYS[1], 'credits', -1) end
lease(KEYS[4], ARGV[2], now + tonumber(ARGV[3]))
tidy(KEYS[4])
call('ZREM', KEYS[3], ARGV[2])
return 0
