import FunctionBytes
import FunctionCore

extension PlatformEvent {
    /// Reads an event of an HTTP API or a function URL, payload format 2.0
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
    /// docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html).
    static func gatewayV2(_ event: inout JSONObject) throws(JSONDocumentError) -> Request {
        let path = try path("rawPath", of: &event)
        let query = try event.string("rawQueryString") ?? ""
        var context = try event.require("requestContext", try event.nested("requestContext"))
        var http = try context.require("http", try context.nested("http"))
        var request = Request(
            method: try method("method", of: &http),
            path: try withoutStage(path, &context),
            query: query.isEmpty ? nil : PercentEncoding.encode(query, keeping: .query),
            headers: try gatewayV2Headers(&event),
            body: try body(of: &event),
            id: try id(context)
        )
        request.hasJoinedFields = true
        return request
    }

    /// Repeated fields arrive joined by commas, except Cookie, whose pairs arrive in `cookies`.
    private static func gatewayV2Headers(_ event: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var headers = Headers()
        let place = event.pointer.appending("headers")
        for member in try event.object("headers") ?? [] {
            try headers.append(platform: member.name, member.value, at: place.appending(member.name))
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
        // RFC 6265, section 5.4: one field, the pairs separated by a semicolon and a space.
        try headers.append(platform: "cookie", .string(cookies.joined(separator: "; ")), at: pointer)
        return headers
    }

    /// Reads an event of a REST API or of a load balancer, whose forms differ only in the path and the query
    /// (docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html,
    /// docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html).
    ///
    /// A REST API decodes the query, a load balancer leaves names and values encoded; only an API's path can have a
    /// prefix.
    static func proxied(_ event: inout JSONObject, isQueryDecoded: Bool) throws(JSONDocumentError) -> Request {
        let path = try path("path", of: &event)
        return Request(
            method: try method("httpMethod", of: &event),
            path: isQueryDecoded ? try withoutBase(path, &event) : path,
            query: try query(&event, isDecoded: isQueryDecoded),
            headers: try proxiedHeaders(&event),
            body: try body(of: &event),
            id: try id(event.nested("requestContext"))
        )
    }

    private static func proxiedHeaders(_ event: inout JSONObject) throws(JSONDocumentError) -> Headers {
        var headers = Headers()
        try each("multiValueHeaders", or: "headers", of: &event) { name, value, pointer throws(JSONDocumentError) in
            try headers.append(platform: name, value, at: pointer())
        }
        return headers
    }

    private static func query(_ event: inout JSONObject, isDecoded: Bool) throws(JSONDocumentError) -> String? {
        let valueSet = isDecoded ? .unreserved : ASCIISet.query.removing(UInt8(ascii: "&"))
        let nameSet = valueSet.removing(UInt8(ascii: "="))
        var query = ""
        try each(
            "multiValueQueryStringParameters",
            or: "queryStringParameters",
            of: &event
        ) { name, value, pointer throws(JSONDocumentError) in
            if !query.isEmpty { query += "&" }
            query += PercentEncoding.encode(name, keeping: nameSet)
            switch value {
            case .null: break
            case .string(let text): query += "=" + PercentEncoding.encode(text, keeping: valueSet)
            default: throw .shape(pointer(), reason: "must be a string, not \(value.kind)")
            }
        }
        return query.isEmpty ? nil : query
    }

    /// Calls `take` with every value of an object of arrays, or, if that is empty, of an object of values.
    private static func each(
        _ multiple: String,
        or single: String,
        of event: inout JSONObject,
        _ take: (_ name: String, _ value: JSON, _ pointer: () -> JSONPointer) throws(JSONDocumentError) -> Void
    ) throws(JSONDocumentError) {
        let members = try event.object(multiple) ?? []
        let place = event.pointer.appending(members.isEmpty ? single : multiple)
        guard !members.isEmpty else {
            for member in try event.object(single) ?? [] {
                try take(member.name, member.value) { place.appending(member.name) }
            }
            return
        }
        for member in members where member.value != .null {
            guard case .array(let values) = member.value else {
                throw .shape(place.appending(member.name), reason: "must be an array, not \(member.value.kind)")
            }
            for (index, value) in values.enumerated() {
                try take(member.name, value) { place.appending(member.name).appending(index) }
            }
        }
    }
}
