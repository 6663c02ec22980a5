import FunctionCore

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
