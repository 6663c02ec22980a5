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

-- Makes a record another state's. Of a token that was given back after its expiry nothing stays.
local function write(name, record, state, attempt, at, ending, charged)
    local text = state .. ':' .. record.mint
    if attempt then text = text .. ':' .. attempt .. ':' .. at .. ':' .. ending .. ':' .. charged end
    if ending - now + slack > 0 then
        call('SET', name, text, 'PX', ending - now + slack)
    else
        call('DEL', name)
    end
end

-- Whether the epoch of the organization, or of the key by its standing there, has risen since the mint.
local function outdated(record, epoch, standing)
    return tonumber(epoch or 0) ~= record.epoch
        or not standing
        or tonumber(string.match(standing, '^%d:(%d+)')) ~= record.key_epoch
end

-- What the token is: a number for the state, and what belongs to it.
local function describe(record, is_outdated)
    local state = record.state
    if state == 'N' then return {0} end
    if state == 'U' then return {3, record.id, record.at} end
    if state == 'X' then return {4, record.id, record.at} end
    if is_outdated then return {4, record.id} end
    if state == 'R' and now < record.at then return {2, record.id, record.minted, record.expiry, record.at} end
    return {1, record.id, record.minted, record.expiry}
end
