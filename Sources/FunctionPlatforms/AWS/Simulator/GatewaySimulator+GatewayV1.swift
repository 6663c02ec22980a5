import FunctionCore

extension GatewaySimulator {
    private static let stage = "prod"

    /// The event of a REST API with one resource for every path below `/`, whose binary media types take in what is no
    /// text (docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
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
