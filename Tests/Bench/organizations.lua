-- For wrk: mints with the keys of many organizations in turn. KEYS names a file with one key a line.
local requests = {}
local number = 0

function init()
    for key in io.lines(os.getenv('KEYS')) do
        requests[#requests + 1] = wrk.format('GET', '/api/v1/token?ttl=60', {Authorization = 'Bearer ' .. key})
    end
end

function request()
    number = number % #requests + 1
    return requests[number]
end
