-- A token's record is <state>:<key id>:<minted>:<ttl>:<epoch>:<key epoch>:<remaining>, which fits with its header into
-- one allocation of Redis. For every state except L, :<attempt>:<at>:<ending>:<charged> follows. States:
--   L live
--   R reserved by <attempt>, whose lease ends <at>
--   U used by <attempt>
--   X revoked, after it had been used by <attempt> unless that is "-"
--   N never minted, for lack of credits; keeps the outcome for a repeated mint
-- A token with a policy has the state in lower case, so that functions that know of no policies cannot read the record
-- and refuse the token. Behind the rest it has
--   ' ' and why its policy refused an attempt last, <reason>@<time>, or nothing
--   ' ' and the end user, or nothing
--   ' ' and the policy; if it is long, '+' and its beginning: the rest has a name of its own and is written once

-- For this long after its end, a token that was not used is reported as expired.
local remembered = 60000

-- The record; nil if it has lapsed, and then also whether the token has expired recently.
local function read(name)
    local text = call('GET', name)
    if not text then return nil end
    local state, mint, id, minted, ttl, epoch, key_epoch, remaining, rest =
        string.match(text, '^(%u):(([^:]+):(%d+):(%d+):(%d+):(%d+):(%d+))(.*)$')
    local refused, user, policy
    if not state then
        state, mint, id, minted, ttl, epoch, key_epoch, remaining, rest, refused, user, policy =
            string.match(text, '^(%l):(([^:]+):(%d+):(%d+):(%d+):(%d+):(%d+))([^ ]*) ([^ ]*) ([^ ]*) (.+)$')
        state = string.upper(state)
    end
    local attempt, at, ending, charged
    if rest ~= '' then attempt, at, ending, charged = string.match(rest, '^:([^:]+):(%d+):(%d+):(%d)$') end
    local start, seconds = tonumber(minted), tonumber(ttl)
    local record = {
        state = state,
        mint = mint,
        id = id,
        minted = start,
        ttl = seconds,
        expiry = start + seconds * 1000,
        epoch = tonumber(epoch),
        key_epoch = tonumber(key_epoch),
        remaining = tonumber(remaining),
        attempt = attempt,
        at = tonumber(at or 0),
        charged = tonumber(charged or 0),
        refused = refused,
        user = user,
        policy = policy,
    }
    record.ending = tonumber(ending or record.expiry)
    if now < record.ending then return record end
    return nil, (state == 'L' or state == 'R') and now < record.ending + remembered
end
