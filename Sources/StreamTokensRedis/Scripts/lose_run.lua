-- KEYS run, log. ARGV clock.
-- Returns whether the run is lost: its owner's lease has ended before the run, and the former owner can add nothing more.
local run = read_run(KEYS[1])
if not run or call('EXISTS', KEYS[2]) == 0 then return 1 end
if run.ended or now < run.lease then return 0 end
-- Once is enough.
if run.last then return 1 end
run.last = newest(KEYS[2])
run.owner = run.owner + 1
call('XADD', KEYS[2], run.owner .. '-0', 'e', '')
write_run(KEYS[1], KEYS[2], run)
return 1
