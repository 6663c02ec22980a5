-- KEYS organization, token, held, the token's policy. ARGV clock, attempt, how long a tombstone is kept, for how long the
-- attempts of one request have the same outcome, and the lease of a token with a policy, which is only reserved.
-- Returns {0 used or 8 reserved, organization, epoch, key id, key epoch}, and if the token has a policy its user and the
-- policy; or {the reason of the refusal}.
local attempt = ARGV[2]
-- The attempts of one request begin alike: a proxy sends it again if it gets no response.
local request = string.sub(attempt, 1, 10)
local record, has_expired = read(KEYS[2])
local holder = record and record.attempt
if holder and string.sub(holder, 1, 10) ~= request then holder = nil end

local code, name, credits
if holder and record.state == 'U' and now < record.at + tonumber(ARGV[4]) then
    name = call('HGET', KEYS[1], 'name')
    if not name then return {1} end
else
    code, record, name, credits = refusal(holder, nil, record, has_expired)
    if not record then return {code} end
end
local policy = whole_policy(record, KEYS[4])
-- Without its policy the token must not be opened.
if policy == false then return {1} end

local outcome = 0
if not code then
    -- Either process may have told its client that the stream opens, so neither may undo it any more: an attempt that
    -- nobody made stands for both.
    local both = request .. 'AAAAAAAAAAAA'
    if holder ~= attempt and holder ~= both then
        write(KEYS[2], record, 'U', both, record.at, record.ending, record.charged)
    end
else
    if code == 2 then call('ZREM', KEYS[3], holder) end
    if policy then
        outcome = 8
        local ending = now + tonumber(ARGV[5])
        write_reserved(KEYS[2], KEYS[4], record, attempt, ending)
        lease(KEYS[3], attempt, ending)
        tidy(KEYS[3])
    else
        charge(record, attempt, ARGV[3], credits)
    end
end
if not policy then return {outcome, name, record.epoch, record.id, record.key_epoch} end
return {outcome, name, record.epoch, record.id, record.key_epoch, record.user, policy}
