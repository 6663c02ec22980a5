-- KEYS organization, token, run, log. ARGV clock, attempt, workflow, whether the origin is allowed (1), number of an
-- event, a reader's lease. Returns the new reader's number and the token's user; {0} if the run cannot be resumed there;
-- {-1, its origins} if the origin must be one of these.
local run, record = resumable(ARGV[2], ARGV[3])
if not run then return {0} end
local number = tonumber(ARGV[5])
if number > (run.last or newest(KEYS[4])) then return {0} end
if is_bound(run, ARGV[4]) then return {-1, run.origins} end

run.reader = run.reader + 1
run.position = number
run.ending = now + tonumber(ARGV[6])
write_run(KEYS[3], KEYS[4], run)
return {run.reader, record.user or ''}
