-- KEYS organization, token, run, log. ARGV clock, attempt, workflow, whether the origin is allowed (1).
-- Returns {1} if the run's end is asked for, or has come; {0} if the run cannot be resumed; {-1, its origins} if the
-- origin must be one of these.
local run = resumable(ARGV[2], ARGV[3])
if not run then return {0} end
if is_bound(run, ARGV[4]) then return {-1, run.origins} end
run.stopped = 1
write_run(KEYS[3], KEYS[4], run)
return {1}
