-- Mints tokens for a key, as if each had come after the one before it.
-- KEYS organization, key, and the tokens, each perhaps with a name for the rest of its policy. ARGV clock, key id, how
-- long the record of a refusal is kept, and for each token its ttl, how long the record of a live one is kept, and
-- perhaps its policy: the end user, a blank, and the rest. Either all tokens of a call have a policy, and all or none a
-- name for its rest, or none has.
-- Returns {0 minted | 1 unauthorized | 2 limited | 3 no credits | 4 a policy is required, limit, remaining,
-- milliseconds until the next}, of which 1 and 4 stand alone; for several tokens an array with such an outcome, or an
-- error, for each.
local step, arity = 1, 2
if #ARGV - 3 ~= 2 * (#KEYS - 2) then
    arity = 3
    if #ARGV - 3 < 2 * (#KEYS - 2) then step = 2 end
end
local outcome
local outcomes = #KEYS > 2 + step and {}

local standing, epoch, credits = unpack(call('HMGET', KEYS[1], 'key:' .. ARGV[2], 'epoch', 'credits'))
local key_epoch = standing and string.match(standing, '^1:(%d+)')
local refusal = 1
if standing and not key_epoch then
    key_epoch = string.match(standing, '^3:(%d+)')
    if key_epoch and arity == 2 then refusal = 4 end
end
local limit, window, current, count, before
if key_epoch then limit, window, current, count, before = read_counter(KEYS[2]) end
if not limit or refusal == 4 then
    if not limit then refusal = 1 end
    if not outcomes then return {refusal} end
    for index = 3, #KEYS, step do outcomes[#outcomes + 1] = {refusal} end
    return outcomes
end
local left = window - now % window
local room = limit - math.floor((before * left + window - 1) / window)
local earlier = count

-- Converting numbers to text costs more than everything else here, so there are as few conversions as possible.
local minted = string.format('%d', now)
local code, state, rest = 0, arity == 2 and 'L:' or 'l:', ''
if credits and tonumber(credits) <= 0 then
    code, state, rest = 3, 'N:', ':-:' .. minted .. ':' .. now + tonumber(ARGV[3]) .. ':0'
end
local head = state .. ARGV[2] .. ':' .. minted .. ':'
local tail = ':' .. (epoch or '0') .. ':' .. key_epoch .. ':'

local argument = 4
for index = 3, #KEYS, step do
    local name, ttl, lifetime = KEYS[index], ARGV[argument], ARGV[argument + 1]
    local policy
    if arity == 3 and code == 0 then
        policy = ARGV[argument + 2]
        if step == 1 then
            rest = '  ' .. policy
        else
            -- The record keeps the beginning: a string of somewhat over 8 KiB would take 10.
            local blank = string.find(policy, ' ', 1, true)
            rest = '  ' .. string.sub(policy, 1, blank) .. '+' .. string.sub(policy, blank + 1, blank + 64)
            policy = string.sub(policy, blank + 65)
        end
    end
    argument = argument + arity
    if code == 3 then lifetime = ARGV[3] end
    if slack > 0 then lifetime = tonumber(lifetime) + slack end
    local remaining = room - count - 1
    local text = head .. ttl .. tail .. remaining .. rest
    local is_new = remaining >= 0 and call('SET', name, text, 'PX', lifetime, 'NX')
    if not is_new then
        -- The record is read only if there is one already. If it cannot be read, the other tokens have been or will be
        -- minted all the same.
        local is_sound, record = pcall(read, name)
        if not is_sound then
            outcome = {err = 'ERR a malformed record'}
        elseif record then
            local retry = record.remaining > 0 and 0 or wait(limit, window, left, count, before)
            outcome = {record.state == 'N' and 3 or 0, limit, record.remaining, retry}
        elseif remaining < 0 then
            outcome = {2, limit, 0, wait(limit, window, left, count, before)}
        else
            -- The record has lapsed, but Redis has not yet removed it.
            call('SET', name, text, 'PX', lifetime)
            is_new = true
        end
    end
    if is_new then
        if policy and step == 2 then call('SET', KEYS[index + 1], policy, 'PX', lifetime) end
        count = count + 1
        outcome = {code, limit, remaining, remaining > 0 and 0 or wait(limit, window, left, count, before)}
    end
    if outcomes then outcomes[#outcomes + 1] = outcome end
end
if count > earlier then write_counter(KEYS[2], current, count, before) end
return outcomes or outcome
