import FunctionBytes
import FunctionCore

extension GatewaySimulator {
    /// The event of a function URL, which leaves path and query as they came
    /// (docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html).
    func writeGatewayV2(_ request: Request, _ body: [UInt8], _ context: FrontContext, to json: inout JSONWriter) {
        json.member("version", "2.0")
        json.member("routeKey", "$default")
        json.member("rawPath", request.path)
        json.member("rawQueryString", request.query ?? "")
        let cookies = Self.cookies(request.headers)
        if !cookies.isEmpty {
            json.name("cookies")
            json.array { for cookie in cookies { $0.value(cookie) } }
        }
        var headers = request.headers
        headers.remove("cookie")
        Groups(headers).writeJoined("headers", to: &json)
        let parameters = request.parameters
        if !parameters.all.isEmpty { Groups(parameters).writeJoined("queryStringParameters", to: &json) }
        json.name("requestContext")
        json.object { writeGatewayV2Context(request, context, to: &$0) }
        write(body, isText: Self.isText(request.headers), to: &json) { _ in }
    }

    private func writeGatewayV2Context(_ request: Request, _ context: FrontContext, to json: inout JSONWriter) {
        writeHost(to: &json)
        json.name("http")
        json.object {
            $0.member("method", request.method.name)
            $0.member("path", request.path)
            $0.member("protocol", "HTTP/1.1")
            $0.member("sourceIp", context.sourceIP)
            $0.member("userAgent", request.headers["user-agent"]?.string ?? "")
        }
        json.member("requestId", context.requestID)
        json.member("routeKey", "$default")
        json.member("stage", "$default")
        json.member("time", context.loggedTime)
        json.member("timeEpoch", context.time)
    }

    /// Whose the host is, and its name; its first label is the API's.
    func writeHost(to json: inout JSONWriter) {
        let label = String(host.prefix { $0 != "." })
        json.member("accountId", accountID)
        json.member("apiId", label)
        json.member("domainName", host)
        json.member("domainPrefix", label)
    }

    /// The pairs of every Cookie field (RFC 6265, section 4.2.1).
    private static func cookies(_ headers: Headers) -> [String] {
        headers.values(of: "cookie").flatMap { value in
            value.string.utf8.split(separator: UInt8(ascii: ";")).map { pair in
                String(Substring(Substring(pair).utf8.withoutBlanksAround))
            }
        }.filter { !$0.isEmpty }
    }
}
