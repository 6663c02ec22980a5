-- KEYS organization, open, a token for each stream. ARGV clock, lease, how long a tombstone stands,
-- and for each stream attempt, epoch, key id, key epoch. Answers which were revoked, by their places from 0.
local epoch = tonumber(call('HGET', KEYS[1], 'epoch') or 0)
local records, revoked, is_revoked = {}, {}, {}
for stream = 1, #KEYS - 2 do
    local argument = 4 * stream
    local record = read(KEYS[stream + 2])
    local standing = call('HGET', KEYS[1], 'key:' .. ARGV[argument + 2])
    records[stream] = record
    is_revoked[stream] = (record and record.state == 'X')
        or tonumber(ARGV[argument + 1]) ~= epoch
        or not standing
        or string.match(standing, '^%d:(%d+)') ~= ARGV[argument + 3]
end

for stream = 1, #KEYS - 2 do
    local attempt = ARGV[4 * stream]
    if is_revoked[stream] then
        call('ZREM', KEYS[2], attempt)
        revoked[#revoked + 1] = stream - 1
    else
        lease(KEYS[2], attempt, now + ARGV[2])
        -- The tombstone has to outlive the stream: by it a revocation of this token alone is seen.
        local record = records[stream]
        if record and record.state == 'U' and record.attempt == attempt and record.ending < now + 2 * ARGV[2] then
            write(KEYS[stream + 2], record, 'U', attempt, record.at, now + ARGV[3], record.charged)
        end
    end
end
tidy(KEYS[2])
return revoked
