-- KEYS token, run, log. ARGV clock, attempt, whether it is kept (1).
if ARGV[3] ~= '1' then
    call('DEL', KEYS[2], KEYS[3])
    return 0
end
local run = read_run(KEYS[2])
if not run or run.last or call('EXISTS', KEYS[3]) == 0 then return 0 end
local record = read(KEYS[1])
run.last = newest(KEYS[3])
run.ended = now
-- Of a later owner: the former one can add nothing behind it.
call('XADD', KEYS[3], (run.owner + 1) .. '-0', 'e', '')
write_run(KEYS[2], KEYS[3], run)
-- Without the tombstone nobody could resume it.
if record and record.state == 'U' and record.attempt == ARGV[2] and record.ending < now + run.window then
    write(KEYS[1], record, 'U', record.attempt, record.at, now + run.window, record.charged)
end
return 0
