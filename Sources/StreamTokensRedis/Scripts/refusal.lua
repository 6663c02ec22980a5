-- Returns why <attempt> cannot reserve a token: 1 unknown, 2 in use, 3 no credits, 4 too many streams, 5 expired, 6 used,
-- 7 revoked; 0 if it can. With 0, and with 2 if the attempt holds the token, also returns the token's record, and the
-- organization's name and credits. <open> names the open streams, if their number is limited; <record> and <has_expired>
-- are what read returns.
-- KEYS organization, token, held.
local function refusal(attempt, open, record, has_expired)
    if not record then return has_expired and 5 or 1 end
    local name, epoch, credits, max_streams, standing =
        unpack(call('HMGET', KEYS[1], 'name', 'epoch', 'credits', 'max_streams', 'key:' .. record.id))
    if not name or record.state == 'N' then return 1 end
    if record.state == 'U' then return 6 end
    if record.state == 'X' or outdated(record, epoch, standing) then return 7 end
    if record.state == 'R' then
        if now < record.at then
            if record.attempt == attempt then return 2, record, name, credits end
            return 2
        end
    end
    local held = leased(KEYS[3])
    if credits and tonumber(credits) - held < 1 then return 3 end
    if open and held + leased(open) >= tonumber(max_streams or 100) then return 4 end
    return 0, record, name, credits
end
