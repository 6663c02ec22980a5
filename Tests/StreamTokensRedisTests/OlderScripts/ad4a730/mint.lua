-- Mints tokens for a key, as if each had come after the one before it.
-- KEYS organization, key, and the tokens. ARGV clock, key id, how long the record of a refusal is kept, and for each
-- token its ttl and how long the record of a live one is kept.
-- Returns {0 minted | 1 unauthorized | 2 limited | 3 no credits, limit, remaining, milliseconds until the next}; for
-- several tokens an array with such an outcome, or an error, for each.
local outcome
local outcomes = #KEYS > 3 and {}

local standing, epoch, credits = unpack(call('HMGET', KEYS[1], 'key:' .. ARGV[2], 'epoch', 'credits'))
local key_epoch = standing and string.match(standing, '^1:(%d+)')
local limit, window, current, count, before
if key_epoch then limit, window, current, count, before = read_counter(KEYS[2]) end
if not limit then
    if not outcomes then return {1} end
    for index = 3, #KEYS do outcomes[index - 2] = {1} end
    return outcomes
end
local left = window - now % window
local room = limit - math.floor((before * left + window - 1) / window)
local earlier = count

-- Converting numbers to text costs more than everything else here, so there are as few conversions as possible.
local minted = string.format('%d', now)
local code, state, rest = 0, 'L:', ''
if credits and tonumber(credits) <= 0 then
    code, state, rest = 3, 'N:', ':-:' .. minted .. ':' .. now + tonumber(ARGV[3]) .. ':0'
end
local head = state .. ARGV[2] .. ':' .. minted .. ':'
local tail = ':' .. (epoch or '0') .. ':' .. key_epoch .. ':'

for index = 3, #KEYS do
    local name, ttl, lifetime = KEYS[index], ARGV[2 * index - 2], ARGV[2 * index - 1]
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
        count = count + 1
        outcome = {code, limit, remaining, remaining > 0 and 0 or wait(limit, window, left, count, before)}
    end
    if outcomes then outcomes[index - 2] = outcome end
end
if count > earlier then write_counter(KEYS[2], current, count, before) end
return outcomes or outcome
