-- KEYS organization, token, held, open. ARGV clock, attempt.
local record = read(KEYS[2])
if not record or record.attempt ~= ARGV[2] then return 0 end
local credits = call('HGET', KEYS[1], 'credits')

if record.state == 'X' then
    write(KEYS[2], record, 'X', '-', record.at, record.ending, 0)
else
    write(KEYS[2], record, 'L', nil, nil, record.expiry)
end
if record.charged == 1 and credits then call('HINCRBY', KEYS[1], 'credits', 1) end
call('ZREM', KEYS[record.state == 'R' and 3 or 4], ARGV[2])
return 0
