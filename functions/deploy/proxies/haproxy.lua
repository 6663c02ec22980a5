-- Asks the admit function at the URL of the rule about a request: passes it on with what the function says of its
-- token, or responds with the refusal.
local told = {"x-organization", "x-user", "x-token-id", "x-variables", "x-max-seconds"}
local asked = {"host", "origin", "authorization", "sec-websocket-protocol", "sec-purpose", "sec-fetch-site"}
local unavailable = '{"error":"The stream could not be opened. Please try again in a moment.",'
    .. '"success":false,"code":"store_unavailable"}'

core.register_action("admit", {"http-req"}, function(txn, url)
    local received = txn.http:req_get_headers()
    -- Only these of the client's headers, so that it cannot name another request than its own.
    local headers = {["x-original-uri"] = {txn.sf:url()}, ["x-original-method"] = {txn.sf:method()}}
    for _, name in ipairs(asked) do
        if received[name] then
            headers[name] = {}
            for index = 0, #received[name] do table.insert(headers[name], received[name][index]) end
        end
    end
    local answer = core.httpclient():get{url = url, headers = headers, timeout = 5000}
    if answer and answer.status == 204 then
        for _, name in ipairs(told) do txn.http:req_set_header(name, answer.headers[name][0]) end
        return
    end
    local refusal = txn:reply{status = 503, body = unavailable}
    refusal:add_header("access-control-allow-origin", "*")
    refusal:add_header("content-type", "application/json")
    -- Without it HAProxy itself has responded, because the function has not.
    if answer and answer.headers and answer.headers["x-request-id"] then
        refusal = txn:reply{status = answer.status, body = answer.body}
        for name, values in pairs(answer.headers) do
            if name ~= "content-length" and name ~= "transfer-encoding" and name ~= "connection" then
                for _, value in pairs(values) do refusal:add_header(name, value) end
            end
        end
    end
    txn:done(refusal)
end, 1)
