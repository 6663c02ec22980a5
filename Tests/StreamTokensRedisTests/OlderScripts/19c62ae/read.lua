-- A token's record is <state>:<key id>:<minted>:<ttl>:<epoch>:<key epoch>:<remaining>, which fits beside its header in
-- one allocation of Redis', and for every state but L :<attempt>:<at>:<ending>:<charged> behind it. States:
--   L live
--   R reserved by <attempt>, whose lease ends <at>
--   U used by <attempt>
--   X revoked, having been used by <attempt> unless that is "-"
--   N never minted, for want of credits: the answer to its mint
local head = '^([^:]+):(%d+):(%d+):(%d+):(%d+):(%d+)$'

-- The record, if anything is known of the token any more.
local function read(name)
    local text = call('GET', name)
    if not text then return nil end
    local state, mint, rest = string.match(text, '^(%u):([^:]+:%d+:%d+:%d+:%d+:%d+)(.*)$')
    local id, minted, ttl, epoch, key_epoch, remaining = string.match(mint, head)
    local attempt, at, ending, charged = string.match(rest, '^:([^:]+):(%d+):(%d+):(%d)$')
    local record = {
        state = state,
        mint = mint,
        id = id,
        minted = tonumber(minted),
        ttl = tonumber(ttl),
        expiry = minted + ttl * 1000,
        epoch = tonumber(epoch),
        key_epoch = tonumber(key_epoch),
        remaining = tonumber(remaining),
        attempt = attempt,
        at = tonumber(at or 0),
        charged = tonumber(charged or 0),
    }
    record.ending = tonumber(ending or record.expiry)
    if now >= record.ending then return nil end
    return record
end
