-- Precedes a script and makes it a rehearsal, which runs in full without effect: the data of an organization and a key
-- is made up and not written, a missing token is live and has a policy, and everything written expires within a second.
local real = redis.call
local held = {name = 'probe', epoch = '0', credits = '5', max_streams = '100',
    limit = '10', window = '1000', at = '0', count = '0', before = '0'}
local function field(name)
    return held[name] or '1:0:probe'
end

local redis = {}
function redis.call(command, key, ...)
    local rest = {...}
    if command == 'HGET' then return field(rest[1]) end
    if command == 'HMGET' then
        local values = {}
        for index, name in ipairs(rest) do values[index] = field(name) end
        return values
    end
    if command == 'HSET' or command == 'HINCRBY' then return 1 end
    if command == 'GET' then
        return real(command, key)
            or 'l:probe:' .. tonumber(real('TIME')[1]) .. '000:60:0:0:9  probe {"max_seconds":60}'
    end
    if command == 'SET' then rest[3] = 1000 end
    if command == 'PEXPIRE' then rest[1] = 1000 end
    if not key then return real(command) end
    local reply = real(command, key, (table.unpack or unpack)(rest))
    -- At once, because the script may fail before its own PEXPIRE.
    if command == 'ZADD' or command == 'XADD' then real('PEXPIRE', key, 1000) end
    return reply
end
