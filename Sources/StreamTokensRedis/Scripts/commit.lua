-- KEYS organization, token, held, open. ARGV clock, attempt, an open stream's lease or 0 if none is to count as open, how
-- long a tombstone is kept.
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

charge(record, ARGV[2], ARGV[4], credits)
if ARGV[3] ~= '0' then
    lease(KEYS[4], ARGV[2], now + tonumber(ARGV[3]))
    tidy(KEYS[4])
end
call('ZREM', KEYS[3], ARGV[2])
return 0
