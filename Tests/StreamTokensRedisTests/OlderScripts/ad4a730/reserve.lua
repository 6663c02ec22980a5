-- KEYS organization, token, held, open. ARGV clock, attempt, lease.
-- Returns {0, organization, epoch, key id, key epoch} or {the reason of the refusal}.
local refusal, record, name = admit(ARGV[2])
if not record then return {refusal} end
if refusal == 0 then
    local ending = now + tonumber(ARGV[3])
    write(KEYS[2], record, 'R', ARGV[2], ending, math.max(record.expiry, ending), 0)
    lease(KEYS[3], ARGV[2], ending)
    tidy(KEYS[3])
end
return {0, name, record.epoch, record.id, record.key_epoch}
