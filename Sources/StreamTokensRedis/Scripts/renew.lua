-- KEYS organization, open, a token for each stream. ARGV clock, lease, how long a tombstone is kept, and for each
-- stream attempt, epoch, key id, key epoch. Returns, for each stream that must end, its index from 0 and the reason: 1
-- it was revoked, 2 the store does not know its key or has an older epoch, as after a loss of data.
local open_lease, tombstone = tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch = tonumber(call('HGET', KEYS[1], 'epoch') or 0)
local records, reasons, lost = {}, {}, {}
for stream = 1, #KEYS - 2 do
    local argument = 4 * stream
    local record = read(KEYS[stream + 2])
    local standing = call('HGET', KEYS[1], 'key:' .. ARGV[argument + 2])
    local passed = epoch - tonumber(ARGV[argument + 1])
    local key_epoch = standing and tonumber(string.match(standing, '^%d:(%d+)'))
    local key_passed = key_epoch and key_epoch - tonumber(ARGV[argument + 3])
    records[stream] = record
    if (record and record.state == 'X') or passed > 0 or (key_passed and key_passed > 0) then
        reasons[stream] = 1
    elseif not key_passed or passed < 0 or key_passed < 0 then
        reasons[stream] = 2
    end
end

for stream = 1, #KEYS - 2 do
    local attempt = ARGV[4 * stream]
    if reasons[stream] then
        call('ZREM', KEYS[2], attempt)
        lost[#lost + 1] = stream - 1
        lost[#lost + 1] = reasons[stream]
    else
        lease(KEYS[2], attempt, now + open_lease)
        -- The tombstone must outlive the stream, because it shows a revocation of this token alone.
        local record = records[stream]
        if record and record.state == 'U' and record.attempt == attempt and record.ending < now + 2 * open_lease then
            write(KEYS[stream + 2], record, 'U', attempt, record.at, now + tombstone, record.charged)
        end
    end
end
tidy(KEYS[2])
return lost
