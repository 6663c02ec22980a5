-- How many attempts in a sorted set have a lease that has not ended.
local function leased(name)
    return call('ZCOUNT', name, '(' .. now, '+inf')
end

-- Adds a lease or renews it.
local function lease(name, attempt, ending)
    call('ZADD', name, ending, attempt)
end

-- Drops the leases that have ended, and lets the set expire with the last one.
local function tidy(name)
    call('ZREMRANGEBYSCORE', name, '-inf', now)
    local last = call('ZRANGE', name, -1, -1, 'WITHSCORES')
    -- Some servers return a score as text, others as a number with a fraction.
    if last[2] then call('PEXPIRE', name, math.floor(tonumber(last[2])) - now + slack) end
end
