-- KEYS run and log of each run. ARGV clock, the owner's lease, a reader's lease, and for each run its owner, the number
-- of the reader that the owner knows of (0: none), its position, and whether it reads (1). Returns for each run 0 kept
-- or 1 unread for its window or 3 stopped, its latest reader, and that one's position; or 2 lost, 0, 0.
local standings = {}
for index = 1, #KEYS / 2 do
    local name, log, argument = KEYS[2 * index - 1], KEYS[2 * index], 4 * index
    local run = read_run(name)
    local standing, reader, position = 2, 0, 0
    if run and not run.ended and run.owner == tonumber(ARGV[argument]) and call('EXISTS', log) == 1 then
        run.lease = now + tonumber(ARGV[2])
        take(run, ARGV[argument + 1], ARGV[argument + 2], ARGV[argument + 3], ARGV[3])
        write_run(name, log, run)
        standing = run.stopped == 1 and 3 or now < run.ending + run.window and 0 or 1
        reader, position = run.reader, run.position
    end
    standings[#standings + 1] = standing
    standings[#standings + 1] = reader
    standings[#standings + 1] = position
end
return standings
