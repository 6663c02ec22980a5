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
