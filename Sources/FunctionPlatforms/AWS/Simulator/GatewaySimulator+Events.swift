import FunctionBytes
import FunctionCore

extension GatewaySimulator {
    /// Writes the event of a function URL, which leaves path and query unchanged
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

    /// Writes the account and the host's name, whose first label is the id of the API.
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

    private static let stage = "prod"

    /// Writes the event of a REST API with one resource for every path below `/`, whose binary media types include
    /// everything that is not text
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
    func writeGatewayV1(_ request: Request, _ body: [UInt8], _ context: FrontContext, to json: inout JSONWriter) {
        let resource = request.path == "/" ? "/" : "/{proxy+}"
        json.member("resource", resource)
        json.member("path", request.path)
        json.member("httpMethod", request.method.name)
        let headers = Groups(request.headers)
        headers.writeLast("headers", to: &json)
        headers.writeMultiple("multiValueHeaders", to: &json)
        let parameters = Groups(request.parameters)
        if parameters.all.isEmpty {
            json.nullMember("queryStringParameters")
            json.nullMember("multiValueQueryStringParameters")
        } else {
            parameters.writeLast("queryStringParameters", to: &json)
            parameters.writeMultiple("multiValueQueryStringParameters", to: &json)
        }
        if request.path == "/" {
            json.nullMember("pathParameters")
        } else {
            json.name("pathParameters")
            json.object { $0.member("proxy", String(request.path.dropFirst())) }
        }
        json.nullMember("stageVariables")
        json.name("requestContext")
        json.object { writeGatewayV1Context(request, resource, context, to: &$0) }
        write(body, isText: true, to: &json) { $0.nullMember("body") }
    }

    private func writeGatewayV1Context(
        _ request: Request,
        _ resource: String,
        _ context: FrontContext,
        to json: inout JSONWriter
    ) {
        writeHost(to: &json)
        json.member("httpMethod", request.method.name)
        json.name("identity")
        json.object {
            $0.member("sourceIp", context.sourceIP)
            $0.member("userAgent", request.headers["user-agent"]?.string ?? "")
        }
        json.member("path", "/" + Self.stage + request.path)
        json.member("protocol", "HTTP/1.1")
        json.member("requestId", context.requestID)
        json.member("requestTime", context.loggedTime)
        json.member("requestTimeEpoch", context.time)
        json.member("resourcePath", resource)
        json.member("stage", Self.stage)
    }
}

extension JSONWriter {
    mutating func nullMember(_ name: String) {
        self.name(name)
        null()
    }
}

extension GatewaySimulator {
    /// Writes the event of a load balancer
    /// (docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
    ///
    /// With multi-value headers off, only the last value of a repeated field or parameter is kept.
    func writeLoadBalancer(_ request: Request, _ body: [UInt8], to json: inout JSONWriter) {
        json.name("requestContext")
        json.object {
            $0.name("elb")
            $0.object {
                $0.member(
                    "targetGroupArn",
                    "arn:aws:elasticloadbalancing:eu-central-1:\(accountID):targetgroup/local/0123456789abcdef"
                )
            }
        }
        json.member("httpMethod", request.method.name)
        json.member("path", request.path)
        let (headers, parameters) = (Groups(request.headers), Groups(encoded: request.query ?? ""))
        if kind == .multiValueLoadBalancer {
            parameters.writeMultiple("multiValueQueryStringParameters", to: &json)
            headers.writeMultiple("multiValueHeaders", to: &json)
        } else {
            parameters.writeLast("queryStringParameters", to: &json)
            headers.writeLast("headers", to: &json)
        }
        write(body, isText: Self.isText(request.headers), to: &json) { $0.member("body", "") }
    }
}
