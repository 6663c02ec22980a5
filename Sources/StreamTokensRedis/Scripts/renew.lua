-- KEYS organization, open, a token for each stream, and if there are streams that are only reserved: held and the rest
-- of the policy of each of these. ARGV clock, lease, how long a tombstone is kept, for each stream attempt, epoch, key
-- id, key epoch, and with held the number of streams that are only reserved: the last ones. Returns, for each stream that
-- must end, its index from 0 and the reason: 1 it was revoked, 2 the store does not know its key or has an older epoch,
-- as after a loss of data, 3 its reservation has lapsed.
local open_lease, tombstone = tonumber(ARGV[2]), tonumber(ARGV[3])
local count = math.floor((#ARGV - 3) / 4)
local held = KEYS[count + 3]
local opened = count - tonumber(held and ARGV[#ARGV] or 0)
local epoch = tonumber(call('HGET', KEYS[1], 'epoch') or 0)
local records, reasons, places, standings, lost = {}, {}, {}, {}, {}
for stream = 1, count do
    local argument = 4 * stream
    local attempt, id = ARGV[argument], ARGV[argument + 2]
    local record = read(KEYS[stream + 2])
    -- Most streams share a few keys.
    if standings[id] == nil then standings[id] = call('HGET', KEYS[1], 'key:' .. id) end
    local standing = standings[id]
    local passed = epoch - tonumber(ARGV[argument + 1])
    local key_epoch = standing and tonumber(string.match(standing, '^%d:(%d+)'))
    local key_passed = key_epoch and key_epoch - tonumber(ARGV[argument + 3])
    records[stream] = record
    -- One that is committed by now is an open stream.
    local is_used = record and record.state == 'U' and record.attempt == attempt
    places[stream] = (stream <= opened or is_used) and KEYS[2] or held
    if (record and record.state == 'X') or passed > 0 or (key_passed and key_passed > 0) then
        reasons[stream] = 1
    elseif not key_passed or passed < 0 or key_passed < 0 then
        reasons[stream] = 2
    elseif places[stream] == held then
        local holds = record and record.state == 'R' and record.attempt == attempt and now < record.at
        if not holds then reasons[stream] = 3 end
    end
end

for stream = 1, count do
    local attempt, record, place = ARGV[4 * stream], records[stream], places[stream]
    if reasons[stream] then
        call('ZREM', place, attempt)
        lost[#lost + 1] = stream - 1
        lost[#lost + 1] = reasons[stream]
    elseif place == held then
        local ending = math.max(record.at, now + open_lease)
        write_reserved(KEYS[stream + 2], KEYS[count + 3 + stream - opened], record, attempt, ending)
        lease(held, attempt, text_of(ending))
    else
        lease(KEYS[2], attempt, text_of(now + open_lease))
        -- The tombstone must outlive the stream, because it shows a revocation of this token alone.
        if record and record.state == 'U' and record.attempt == attempt and record.ending < now + 2 * open_lease then
            write(KEYS[stream + 2], record, 'U', attempt, record.at, now + tombstone, record.charged)
        end
    end
end
tidy(KEYS[2])
if held then tidy(held) end
return lost
