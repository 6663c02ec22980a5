-- KEYS organization, token, run, log.
-- The run that the token's attempt can resume, and the token's record; nil if there is none.
local function resumable(attempt, workflow)
    local record = read(KEYS[2])
    if not record or record.attempt ~= attempt then return nil end
    if record.state ~= 'U' and not (record.state == 'R' and now < record.at) then return nil end
    local epoch, standing = unpack(call('HMGET', KEYS[1], 'epoch', 'key:' .. record.id))
    if outdated(record, epoch, standing) then return nil end
    local run = read_run(KEYS[3])
    if not run or not is_resumable(run, workflow) or call('EXISTS', KEYS[4]) == 0 then return nil end
    return run, record
end

-- Whether only pages of the run's origins may go on, and the caller's has not been found to be one.
local function is_bound(run, allowed)
    return run.origins ~= '' and allowed ~= '1'
end
