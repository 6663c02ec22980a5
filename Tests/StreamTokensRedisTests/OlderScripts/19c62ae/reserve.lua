-- KEYS organization, token, held, open. ARGV clock, attempt, lease.
-- Answers {0, organization, epoch, key id, key epoch} or {1 invalid | 2 in use | 3 no credits | 4 too many streams}.
local record = read(KEYS[2])
if not record then return {1} end
local name, epoch, credits, max_streams, standing =
    unpack(call('HMGET', KEYS[1], 'name', 'epoch', 'credits', 'max_streams', 'key:' .. record.id))
if not name or outdated(record, epoch, standing) then return {1} end
local reserved = {0, name, record.epoch, record.id, record.key_epoch}
if record.state == 'R' then
    if now < record.at then return record.attempt == ARGV[2] and reserved or {2} end
elseif record.state ~= 'L' then
    return {1}
end
local held = leased(KEYS[3])
if credits and credits - held < 1 then return {3} end
if held + leased(KEYS[4]) >= tonumber(max_streams or 100) then return {4} end

local ending = now + ARGV[3]
write(KEYS[2], record, 'R', ARGV[2], ending, math.max(record.expiry, ending), 0)
lease(KEYS[3], ARGV[2], ending)
tidy(KEYS[3])
return reserved
