-- KEYS organization. ARGV key id, its digest or an empty text, 1 to enable or 0 to disable. Disabling raises the key's
-- epoch.
local standing = redis.call('HGET', KEYS[1], 'key:' .. ARGV[1])
local enabled, epoch, digest = string.match(standing or '', '^(%d):(%d+):(.+)$')
if not digest or (ARGV[2] ~= '' and ARGV[2] ~= digest) then return 0 end
if enabled ~= ARGV[3] then
    -- <enabled> is 1 only if the key is being disabled, so adding it raises the epoch just then.
    redis.call('HSET', KEYS[1], 'key:' .. ARGV[1], ARGV[3] .. ':' .. tonumber(epoch) + tonumber(enabled) .. ':' .. digest)
end
return 1
