-- How many attempts in a sorted set hold a lease that has not ended.
local function leased(name)
    return call('ZCOUNT', name, '(' .. now, '+inf')
end

-- Adds a lease or renews it.
local function lease(name, attempt, ending)
    call('ZADD', name, ending, attempt)
end

-- Drops the leases that have ended, and lets the set go with the last of them.
local function tidy(name)
    call('ZREMRANGEBYSCORE', name, '-inf', now)
    local last = call('ZRANGE', name, -1, -1, 'WITHSCORES')
    if last[2] then call('PEXPIRE', name, last[2] - now + slack) end
end
