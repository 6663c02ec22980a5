-- KEYS organization, token, held, open, the rest of the policy. ARGV clock. Returns an array of the state as a number
-- and the values that belong to it; for a token with a policy also the reason of the last refusal, its time, the end
-- user and the policy.
local record = read(KEYS[2])
if not record then return {{0}} end
local epoch, standing = unpack(call('HMGET', KEYS[1], 'epoch', 'key:' .. record.id))
local state = describe(record, outdated(record, epoch, standing))
if not record.policy then return {state} end
-- A used token can be live again only until its expiry; after that nobody needs its policy.
local is_needed = record.state == 'L' or record.state == 'R' or now < record.expiry
local policy = is_needed and whole_policy(record, KEYS[5])
local reason, time = string.match(record.refused, '^(.+)@(%d+)$')
return {state, reason or '', tonumber(time or 0), record.user, policy}
