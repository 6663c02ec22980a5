-- KEYS organization, held, open, and each of its keys. Removes all at once; returns 0 if a key was added meanwhile.
local declared = {}
for index = 4, #KEYS do declared[KEYS[index]] = true end
local prefix = string.sub(KEYS[1], 1, -4) .. 'key:'
local fields = redis.call('HGETALL', KEYS[1])
for index = 1, #fields, 2 do
    local digest = string.match(fields[index], '^key:') and string.match(fields[index + 1], '^%d:%d+:(.+)$')
    if digest and not declared[prefix .. digest] then return 0 end
end
for index = 1, #KEYS do redis.call('UNLINK', KEYS[index]) end
return 1
