-- A run's record is <owner>:<window>:<lease>:<reader>:<position>:<until>:<ended>:<last>:<stopped>:<workflow>:<origins>.
-- <lease> is the end of the owner's lease, <until> that of the latest reader's, <position> the last event that this one
-- was given; <ended> is the time of the run's end, <last> the number of the last event once its owner can add no more;
-- before, they are "-". <stopped> is 1 once its client has asked for its end. <origins> are those whose pages may resume
-- it, with blanks between them; none if any may. It is text, like a token's record, and not a hash: so the stream
-- function needs no right to set fields of an organization.
local run_form = '^(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):([%d-]+):([%d-]+):(%d):([%w_-]+):(.*)$'

-- The run; nil if there is none, or it has lapsed: it is kept for its window after its end, or until after its owner's
-- and its reader's lease have ended.
local function read_run(name)
    local owner, window, lease, reader, position, ending, ended, last, stopped, workflow, origins =
        string.match(call('GET', name) or '', run_form)
    if not owner then return nil end
    local run = {
        owner = tonumber(owner),
        window = tonumber(window),
        lease = tonumber(lease),
        reader = tonumber(reader),
        position = tonumber(position),
        ending = tonumber(ending),
        ended = tonumber(ended),
        last = tonumber(last),
        stopped = tonumber(stopped),
        workflow = workflow,
        origins = origins,
    }
    if now >= (run.ended or math.max(run.ending, run.lease)) + run.window then return nil end
    return run
end

local function write_run(name, log, run)
    local kept = (run.ended or math.max(run.ending, run.lease)) + run.window - now + slack
    call('SET', name, table.concat({run.owner, run.window, run.lease, run.reader, run.position, run.ending,
        run.ended or '-', run.last or '-', run.stopped or 0, run.workflow, run.origins}, ':'), 'PX', kept)
    call('PEXPIRE', log, kept)
end

-- Whether it can be resumed as a run of that workflow.
local function is_resumable(run, workflow)
    return run.workflow == workflow and now < (run.ended or run.ending) + run.window
end

-- Takes the state of a reader, unless there is a later one.
local function take(run, reader, position, reading, lease)
    if tonumber(reader) ~= run.reader then return false end
    run.position = tonumber(position)
    if reading == '1' then
        run.ending = now + tonumber(lease)
    else
        run.ending = math.min(run.ending, now)
    end
    return true
end

-- The number of the last event in a log.
local function newest(log)
    local info = call('XINFO', 'STREAM', log)
    for index = 1, #info, 2 do
        if info[index] == 'last-generated-id' then return tonumber(string.match(info[index + 1], '-(%d+)$')) end
    end
end
