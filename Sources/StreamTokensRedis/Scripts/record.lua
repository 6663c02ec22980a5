-- Numbers as texts. Making one costs more than a match, and streams that are renewed together have the same times.
local texts = {}
local function text_of(number)
    local text = texts[number]
    if not text then
        text = string.format('%d', number)
        texts[number] = text
    end
    return text
end

-- Writes a record with a new state. A token that is released after its expiry stays only to be reported as expired.
local function write(name, record, state, attempt, at, ending, charged)
    local text = (record.policy and string.lower(state) or state) .. ':' .. record.mint
    if attempt then
        text = text .. ':' .. attempt .. ':' .. text_of(at) .. ':' .. text_of(ending) .. ':' .. charged
    end
    if record.policy then text = text .. ' ' .. record.refused .. ' ' .. record.user .. ' ' .. record.policy end
    local kept = ending - now + slack
    if state == 'L' or state == 'R' then kept = kept + remembered end
    if kept > 0 then
        call('SET', name, text, 'PX', text_of(kept))
    else
        call('DEL', name)
    end
    return kept
end

-- Whether the rest of the policy has a name of its own.
local function is_split(policy)
    return policy and string.byte(policy) == 43
end

-- The whole policy of a token, nil if it has none; false if the rest is missing.
local function whole_policy(record, name)
    local policy = record.policy
    if not is_split(policy) then return policy end
    local rest = call('GET', name)
    return rest and string.sub(policy, 2) .. rest
end

-- Writes the record of a reservation, and keeps the rest of its policy for as long.
local function write_reserved(name, policy_name, record, attempt, ending)
    local kept = write(name, record, 'R', attempt, ending, math.max(record.expiry, ending), 0)
    if is_split(record.policy) then call('PEXPIRE', policy_name, kept) end
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
