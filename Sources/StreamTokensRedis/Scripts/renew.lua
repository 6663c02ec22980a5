-- KEYS organization, open, a token for each stream, and if there are streams that are only reserved: held and the rest
-- of the policy of each of these. ARGV clock, lease, how long a tombstone is kept, for each stream attempt and
-- <epoch>:<key id>:<key epoch>, and with held the number of streams that are only reserved: the last ones. Returns, for
-- each stream that must end, its index from 0 and the reason: 1 it was revoked, 2 the store does not know its key or has
-- an older epoch, as after a loss of data, 3 its reservation has lapsed.
--
-- Redis does this each second for every stream. Most of the time goes into making texts, so this makes few: it does not
-- read whole records, and overwrites no more of them than changes.
local KEYS, ARGV, tonumber, match = KEYS, ARGV, tonumber, string.match
local open_lease, tombstone = tonumber(ARGV[2]), tonumber(ARGV[3])
local count = math.floor((#ARGV - 3) / 2)
local held = KEYS[count + 3]
local opened = count - tonumber(held and ARGV[#ARGV] or 0)
local epoch = tonumber(call('HGET', KEYS[1], 'epoch') or 0)

-- Why all streams of one key and the same epochs must end, or false.
local function judge(origin)
    local minted_epoch, id, minted_key_epoch = match(origin, '^(%d+):(.*):(%d+)$')
    local standing = call('HGET', KEYS[1], 'key:' .. id)
    local passed = epoch - tonumber(minted_epoch)
    local key_epoch = standing and tonumber(match(standing, '^%d:(%d+)'))
    local key_passed = key_epoch and key_epoch - tonumber(minted_key_epoch)
    if passed > 0 or (key_passed and key_passed > 0) then return 1 end
    return (not key_passed or passed < 0 or key_passed < 0) and 2
end

local texts, verdicts = {}, {}
for stream = 1, count do
    texts[stream] = call('GET', KEYS[stream + 2])
    local origin = ARGV[2 * stream + 3]
    if verdicts[origin] == nil then verdicts[origin] = judge(origin) end
end

-- Writes a record with other times; <start> is where they begin.
local function rewrite(name, text, start, at, ending, rest, kept)
    text = string.sub(text, 1, start - 1) .. at .. ':' .. text_of(ending) .. rest
    call('SET', name, text, 'PX', text_of(kept))
end

local lost, open_leases, held_leases = {}, {}, {}
local function write_leases()
    if open_leases[1] then call('ZADD', KEYS[2], unpack(open_leases)) end
    if held_leases[1] then call('ZADD', held, unpack(held_leases)) end
    open_leases, held_leases = {}, {}
end

local next_lease = now + open_lease
local next_text = text_of(next_lease)
for stream = 1, count do
    local name, attempt, text = KEYS[stream + 2], ARGV[2 * stream + 2], texts[stream] or ''
    local state, owner, start, at, ending, rest =
        match(text, '^(%a):[^:]+:%d+:%d+:%d+:%d+:%d+:([^:]+):()(%d+):(%d+)(.*)$')
    local finish, last = tonumber(at), tonumber(ending)
    if state and now >= last then state = nil end
    local is_own = owner == attempt
    local is_used = is_own and (state == 'U' or state == 'u')
    -- One that is committed by now is an open stream.
    local is_open = stream <= opened or is_used

    local reason = verdicts[ARGV[2 * stream + 3]]
    if state == 'X' or state == 'x' then
        reason = 1
    elseif not reason and not is_open then
        local holds = is_own and (state == 'R' or state == 'r') and now < finish
        if not holds then reason = 3 end
    end

    if reason then
        -- Those of the streams before it, which may have the same attempt.
        write_leases()
        call('ZREM', is_open and KEYS[2] or held, attempt)
        lost[#lost + 1] = stream - 1
        lost[#lost + 1] = reason
    elseif is_open then
        open_leases[#open_leases + 1] = next_text
        open_leases[#open_leases + 1] = attempt
        -- The tombstone must outlive the stream, because it shows a revocation of this token alone.
        if is_used and last < now + 2 * open_lease then
            rewrite(name, text, start, at, now + tombstone, rest, tombstone + slack)
        end
    else
        local next_at = finish > next_lease and at or next_text
        held_leases[#held_leases + 1] = next_at
        held_leases[#held_leases + 1] = attempt
        local next_last = math.max(last, tonumber(next_at))
        local kept = next_last - now + slack + remembered
        if next_last == last and #next_at == #at then
            call('SETRANGE', name, start - 1, next_at)
        else
            rewrite(name, text, start, next_at, next_last, rest, kept)
        end
        if state == 'r' and match(rest, '^:%d [^ ]* [^ ]* %+') then
            call('PEXPIRE', KEYS[count + 3 + stream - opened], kept)
        end
    end
    -- unpack cannot return more than 8,000 values.
    if #open_leases + #held_leases >= 4000 then write_leases() end
end
write_leases()
tidy(KEYS[2])
if held then tidy(held) end
return lost
