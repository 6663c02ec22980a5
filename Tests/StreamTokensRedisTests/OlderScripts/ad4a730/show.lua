-- KEYS organization, token, held, open. ARGV clock. Returns the state as a number, and the values that belong to it.
local record = read(KEYS[2])
if not record then return {0} end
local epoch, standing = unpack(call('HMGET', KEYS[1], 'epoch', 'key:' .. record.id))
return describe(record, outdated(record, epoch, standing))
