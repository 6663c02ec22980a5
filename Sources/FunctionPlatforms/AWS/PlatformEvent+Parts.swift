import FunctionBytes
import FunctionCore

/// What the kinds of events have in common.
extension PlatformEvent {
    /// A path begins with a slash. An HTTP API decodes it, the other kinds leave it as it came: what cannot stand in a
    /// target is encoded again, so that both come out right.
    static func path(_ name: String, of event: inout JSONObject) throws(JSONDocumentError) -> String {
        let path = try event.require(name, try event.string(name))
        guard path.utf8.first == UInt8(ascii: "/") else { throw event.refuse(name, "must begin with /") }
        return PercentEncoding.encode(path, keeping: .path)
    }

    static func method(_ name: String, of object: inout JSONObject) throws(JSONDocumentError) -> Method {
        let text = try object.require(name, try object.string(name))
        guard let method = Method(text) else { throw object.refuse(name, "is no request method") }
        return method
    }

    /// The platform's id for the request, if it may stand in a header.
    static func id(_ context: JSONObject?) throws(JSONDocumentError) -> String {
        var context = context
        guard let id = try context?.string("requestId"), Headers.Value(id) != nil else { return "" }
        return id
    }

    /// The body of an event, or of an answer, which its platform reads as openly.
    ///
    /// AWS writes true or false, and base64 without line ends. Its gateways take `"true"` in an answer too, and line
    /// ends in its base64 (get_base_64_encoded in samcli/local/apigw of github.com/aws/aws-sam-cli). Events that
    /// somebody has made for a test may have both.
    static func body(of event: inout JSONObject) throws(JSONDocumentError) -> Body {
        guard let text = try event.string("body") else { return .empty }
        guard try isBase64(&event) else { return .text(text) }
        guard let bytes = Base64.decodeLines(text) else { throw event.refuse("body", "is no base64") }
        return .bytes(bytes)
    }

    private static func isBase64(_ event: inout JSONObject) throws(JSONDocumentError) -> Bool {
        let name = "isBase64Encoded"
        guard case .string(let word)? = event[name] else { return try event.bool(name) ?? false }
        if ["true", "True"].contains(where: word.hasSameBytes) { return true }
        if ["false", "False"].contains(where: word.hasSameBytes) { return false }
        throw event.refuse(name, "must be true or false")
    }
}

extension Headers {
    /// Adds a field as a platform tells it. What stands there for nothing, null, adds none.
    mutating func append(
        platform name: String,
        _ value: JSON,
        at pointer: @autoclosure () -> JSONPointer
    ) throws(JSONDocumentError) {
        switch value {
        case .null: break
        case .string(let text) where text.unicodeScalars.contains { $0.value > 0xFF }:
            // The platform took the octets for UTF-8: an octet is one scalar here.
            let octets = String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) })
            try append(name, .string(String(octets)), at: pointer())
        default: try append(name, value, at: pointer())
        }
    }
}

/// What stands before the path that an API's routes know.
extension PlatformEvent {
    /// Takes off a stage: an HTTP API puts it, unless that is `$default`, before the path, also where a domain's mapping
    /// hides it (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
    static func withoutStage(_ path: String, _ context: inout JSONObject) throws(JSONDocumentError) -> String {
        guard let stage = try context.string("stage"), !stage.isEmpty, !stage.hasSameBytes(as: "$default"),
            path.utf8.dropFirst().starts(with: stage.utf8)
        else { return path }
        let rest = path.utf8.dropFirst(1 + stage.utf8.count)
        guard let next = rest.first else { return "/" }
        return next == UInt8(ascii: "/") ? String(Substring(rest)) : path
    }

    /// Takes off what payload format 1.0 has before the path: a custom domain's base path, and an HTTP API's stage.
    ///
    /// The resource that has matched tells, as far as it names every segment or ends with one parameter for all that
    /// follows. The route `$default` matches everything: only the stage is known then.
    static func withoutBase(_ path: String, _ event: inout JSONObject) throws(JSONDocumentError) -> String {
        guard let resource = try event.string("resource") else { return path }
        if resource.hasSameBytes(as: "$default") {
            guard var context = try event.nested("requestContext") else { return path }
            return try withoutStage(path, &context)
        }
        guard resource.utf8.first == UInt8(ascii: "/") else { return path }
        if resource.hasSameBytes(as: "/") {
            guard var context = try event.nested("requestContext") else { return path }
            // A REST API's own path has no stage, nor is there a base in it.
            return try context.string("path").map { $0.hasSameBytes(as: path) } == true ? "/" : path
        }
        var template = segments(resource)
        let parts = segments(path)
        var greedy = 0
        if let last = template.last, last.starts(with: "{".utf8), last.reversed().starts(with: "}+".utf8) {
            template.removeLast()
            let name = String(decoding: last.dropFirst().dropLast(2), as: UTF8.self)
            var parameters = try event.nested("pathParameters")
            guard let rest = try parameters?.string(name) else { return path }
            greedy = rest.utf8.reduce(1) { $1 == UInt8(ascii: "/") ? $0 + 1 : $0 }
        }
        let count = template.count + greedy
        guard count < parts.count else { return path }
        let kept = parts.suffix(count)
        for (segment, part) in zip(template, kept) where !segment.starts(with: "{".utf8) {
            guard segment.elementsEqual(part) else { return path }
        }
        return kept.reduce(into: "") { $0 += "/" + String(decoding: $1, as: UTF8.self) }
    }

    /// What stands between the slashes of a path that begins with one.
    private static func segments(_ path: String) -> [Substring.UTF8View] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Substring($0).utf8 }
    }
}
