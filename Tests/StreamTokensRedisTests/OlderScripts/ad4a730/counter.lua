-- A key's sliding window at this time: limit, window, the window's number, its count, the count of the previous one.
-- Nil if there is no such key.
local function read_counter(name)
    local limit, window, at, count, before =
        unpack(call('HMGET', name, 'limit', 'window', 'at', 'count', 'before'))
    if not limit then return nil end
    limit, window = tonumber(limit), tonumber(window)
    local current = math.floor(now / window)
    local passed = current - tonumber(at or 0)
    if passed == 0 then return limit, window, current, tonumber(count), tonumber(before) end
    return limit, window, current, 0, passed == 1 and tonumber(count) or 0
end

local function write_counter(name, current, count, before)
    call('HSET', name, 'at', current, 'count', count, 'before', before)
end

-- Milliseconds until the estimate is at most the limit minus one; <left> is how much of the window remains.
local function wait(limit, window, left, count, before)
    local room = limit - 1
    if count + math.floor((before * left + window - 1) / window) <= room then return 0 end
    if count <= room then return left - math.floor((room - count) * window / before) end
    return left + window - math.floor(room * window / count)
end
