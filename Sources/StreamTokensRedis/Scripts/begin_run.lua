-- KEYS run, log. ARGV clock, workflow, window, the owner's lease, a reader's lease, the origins with blanks between them.
if call('EXISTS', KEYS[1]) == 1 then return 0 end
call('DEL', KEYS[2])
-- The first entry only makes the log: events are added to one that exists.
call('XADD', KEYS[2], '1-0', 'e', '')
write_run(KEYS[1], KEYS[2], {
    owner = 1,
    window = tonumber(ARGV[3]),
    lease = now + tonumber(ARGV[4]),
    reader = 1,
    position = 0,
    ending = now + tonumber(ARGV[5]),
    workflow = ARGV[2],
    origins = ARGV[6],
})
return 0
