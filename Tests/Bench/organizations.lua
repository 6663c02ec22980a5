-- For wrk: mints with the keys of many organizations in turn. KEYS names a file with one key a line. POLICY, if it is
-- set, is the body of a POST.
local requests = {}
local number = 0

function init()
    local policy = os.getenv('POLICY')
    for key in io.lines(os.getenv('KEYS')) do
        local fields = {Authorization = 'Bearer ' .. key}
        requests[#requests + 1] = policy and wrk.format('POST', '/api/v1/token', fields, policy)
            or wrk.format('GET', '/api/v1/token?ttl=60', fields)
    end
end

function request()
    number = number % #requests + 1
    return requests[number]
end
