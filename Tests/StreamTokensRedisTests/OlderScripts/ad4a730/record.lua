-- Writes a record with a new state. A token that is released after its expiry stays only to be reported as expired.
local function write(name, record, state, attempt, at, ending, charged)
    local text = state .. ':' .. record.mint
    if attempt then text = text .. ':' .. attempt .. ':' .. at .. ':' .. ending .. ':' .. charged end
    local kept = ending - now + slack
    if state == 'L' or state == 'R' then kept = kept + remembered end
    if kept > 0 then
        call('SET', name, text, 'PX', kept)
    else
        call('DEL', name)
    end
end

-- Whether the epoch of the organization or of the key, which <standing> has, has risen since the mint.
local function outdated(record, epoch, standing)
    return tonumber(epoch or 0) ~= record.epoch
        or not standing
        or tonumber(string.match(standing, '^%d:(%d+)')) ~= record.key_epoch
end

-- The token's state as a number, and the values that belong to it.
local function describe(record, is_outdated)
    local state = record.state
    if state == 'N' then return {0} end
    if state == 'U' then return {3, record.id, record.at} end
    if state == 'X' then return {4, record.id, record.at} end
    if is_outdated then return {4, record.id} end
    if state == 'R' and now < record.at then return {2, record.id, record.minted, record.expiry, record.at} end
    return {1, record.id, record.minted, record.expiry}
end
