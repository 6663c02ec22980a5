import FunctionBytes
import FunctionCore

/// The common parts of all kinds of events.
extension PlatformEvent {
    /// Reads a path, which must begin with a slash. An HTTP API decodes it, the others leave it encoded. Encoding only
    /// what is not legal in a target is right for both.
    static func path(_ name: String, of event: inout JSONObject) throws(JSONDocumentError) -> String {
        let path = try event.require(name, try event.string(name))
        guard path.utf8.first == UInt8(ascii: "/") else { throw event.refuse(name, "must begin with /") }
        return PercentEncoding.encode(path, keeping: .path)
    }

    static func method(_ name: String, of object: inout JSONObject) throws(JSONDocumentError) -> Method {
        let text = try object.require(name, try object.string(name))
        guard let method = Method(text) else { throw object.refuse(name, "is not a request method") }
        return method
    }

    /// The platform's id of the request; empty unless it is legal in a header.
    static func id(_ context: JSONObject?) throws(JSONDocumentError) -> String {
        var context = context
        guard let id = try context?.string("requestId"), Headers.Value(id) != nil else { return "" }
        return id
    }

    /// Reads the body of an event or of a response, both as leniently as the platforms read responses.
    ///
    /// AWS writes true or false, and base64 without line ends. In responses its gateways also accept `"true"`, and
    /// base64 with line ends (get_base_64_encoded in samcli/local/apigw of github.com/aws/aws-sam-cli). Events that
    /// were written for a test may contain both.
    static func body(of event: inout JSONObject) throws(JSONDocumentError) -> Body {
        guard let text = try event.string("body") else { return .empty }
        guard try isBase64(&event) else { return .text(text) }
        guard let bytes = Base64.decodeLines(text) else { throw event.refuse("body", "is not base64") }
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
    /// Adds a field of an event; null adds none.
    mutating func append(
        platform name: String,
        _ value: JSON,
        at pointer: @autoclosure () -> JSONPointer
    ) throws(JSONDocumentError) {
        switch value {
        case .null: break
        case .string(let text) where text.unicodeScalars.contains { $0.value > 0xFF }:
            // The platform decoded the octets as UTF-8; here each octet is one scalar.
            let octets = String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) })
            try append(name, .string(String(octets)), at: pointer())
        default: try append(name, value, at: pointer())
        }
    }
}

/// Removes prefixes of the path that an API's routes do not contain.
extension PlatformEvent {
    /// Removes the stage. An HTTP API puts it before the path unless it is `$default`, even if a domain's mapping hides
    /// it (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).
    static func withoutStage(_ path: String, _ context: inout JSONObject) throws(JSONDocumentError) -> String {
        guard let stage = try context.string("stage"), !stage.isEmpty, !stage.hasSameBytes(as: "$default"),
            path.utf8.dropFirst().starts(with: stage.utf8)
        else { return path }
        let rest = path.utf8.dropFirst(1 + stage.utf8.count)
        guard let next = rest.first else { return "/" }
        return next == UInt8(ascii: "/") ? String(Substring(rest)) : path
    }

    /// Removes the prefix of a path in payload format 1.0: a custom domain's base path, or an HTTP API's stage.
    ///
    /// The matched resource shows how long the prefix is, if it names every segment or ends with one parameter for all
    /// further ones. The route `$default` matches everything, so that only the stage is known.
    static func withoutBase(_ path: String, _ event: inout JSONObject) throws(JSONDocumentError) -> String {
        guard let resource = try event.string("resource") else { return path }
        if resource.hasSameBytes(as: "$default") {
            guard var context = try event.nested("requestContext") else { return path }
            return try withoutStage(path, &context)
        }
        guard resource.utf8.first == UInt8(ascii: "/") else { return path }
        if resource.hasSameBytes(as: "/") {
            guard var context = try event.nested("requestContext") else { return path }
            // On a REST API's default domain `path` has neither a stage nor a base, and `context.path` has the stage.
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

    /// The segments of a path that begins with a slash.
    private static func segments(_ path: String) -> [Substring.UTF8View] {
        path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Substring($0).utf8 }
    }
}
