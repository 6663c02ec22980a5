import FunctionBytes
import FunctionCore

extension PlatformEvent {
    /// An event of an HTTP API or a function URL, payload format 2.0
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
    /// docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html).
    static func gatewayV2(_ event: inout JSONObject) throws(JSONDocumentError) -> Request {
        let path = try path("rawPath", of: &event)
        let query = try event.string("rawQueryString") ?? ""
        var context = try event.require("requestContext", try event.nested("requestContext"))
        var http = try context.require("http", try context.nested("http"))
        return Request(
            method: try method("method", of: &http),
            path: try withoutStage(path, &context),
            query: query.isEmpty ? nil : PercentEncoding.encode(query, keeping: .query),
            headers: try gatewayV2Headers(&event),
            body: try body(of: &event),
            id: try id(context)
        )
    }

    /// Repeats of a field come joined by commas, except those of Cookie, which come taken apart.
    private static func gatewayV2Headers(_ event: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var headers = Headers()
        for member in try event.object("headers") ?? [] {
            try headers.append(
                platform: member.name,
                member.value,
                at: event.pointer.appending("headers").appending(member.name)
            )
        }
        var cookies: [String] = []
        let pointer = event.pointer.appending("cookies")
        for (index, cookie) in (try event.array("cookies") ?? []).enumerated() {
            guard case .string(let text) = cookie else {
                throw .shape(pointer.appending(index), reason: "must be a string, not \(cookie.kind)")
            }
            cookies.append(text)
        }
        guard !cookies.isEmpty else { return headers }
        headers.remove("cookie")
        // RFC 6265, section 5.4: one field, the pairs apart by a semicolon and a space.
        try headers.append(platform: "cookie", .string(cookies.joined(separator: "; ")), at: pointer)
        return headers
    }
}
