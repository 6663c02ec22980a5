-- KEYS run and log of each reader. ARGV clock, a reader's lease, and for each reader its number, its position, and
-- whether it reads (1). Returns for each 0 it is the latest reader, 1 and the owner's lease has ended before the run, 2
-- there is a later reader, 3 the run or its log is gone.
local standings = {}
for index = 1, #KEYS / 2 do
    local name, log, argument = KEYS[2 * index - 1], KEYS[2 * index], 3 * index
    local run = read_run(name)
    local standing = 3
    if run and call('EXISTS', log) == 1 then
        standing = 2
        if take(run, ARGV[argument], ARGV[argument + 1], ARGV[argument + 2], ARGV[2]) then
            write_run(name, log, run)
            standing = (run.ended or now < run.lease) and 0 or 1
        end
    end
    standings[index] = standing
end
return standings
