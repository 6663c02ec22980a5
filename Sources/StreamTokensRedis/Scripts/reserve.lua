-- KEYS organization, token, held, open, the rest of the policy. ARGV clock, attempt, lease.
-- Returns {0, organization, epoch, key id, key epoch}, and if the token has a policy its user and the policy; or {the
-- reason of the refusal}.
local code, record, name = refusal(ARGV[2], KEYS[4], read(KEYS[2]))
if not record then return {code} end
local policy = whole_policy(record, KEYS[5])
-- Without its policy the token must not be opened.
if policy == false then return {1} end
if code == 0 then
    local ending = now + tonumber(ARGV[3])
    write_reserved(KEYS[2], KEYS[5], record, ARGV[2], ending)
    lease(KEYS[3], ARGV[2], ending)
    tidy(KEYS[3])
end
if not policy then return {0, name, record.epoch, record.id, record.key_epoch} end
return {0, name, record.epoch, record.id, record.key_epoch, record.user, policy}
