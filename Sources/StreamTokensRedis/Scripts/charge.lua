-- Marks a token as used by an attempt, keeps its record for as long as a tombstone, and charges a credit. If credits were
-- lowered since the reservation, there may be none to charge: they never fall below 0.
local function charge(record, attempt, kept, credits)
    local charged = credits and tonumber(credits) > 0 and 1 or 0
    write(KEYS[2], record, 'U', attempt, now, now + math.max(record.ttl * 1000, tonumber(kept)), charged)
    if charged == 1 then call('HINCRBY', KEYS[1], 'credits', -1) end
end
