-- KEYS organization, token, held. ARGV clock, how long a tombstone stands. Answers what the token was, as show does.
local record = read(KEYS[2])
if not record then return {0} end
local epoch, standing = unpack(call('HMGET', KEYS[1], 'epoch', 'key:' .. record.id))
local is_outdated = outdated(record, epoch, standing)
local before = describe(record, is_outdated)
local state = record.state
if state ~= 'U' and (is_outdated or (state ~= 'L' and state ~= 'R')) then return before end

local attempt = state == 'U' and record.attempt or '-'
write(KEYS[2], record, 'X', attempt, now, now + math.max(record.ttl * 1000, ARGV[2]), record.charged)
if state == 'R' then call('ZREM', KEYS[3], record.attempt) end
return before
