import Function
import Tokens

/// What is expected of the replay of a recorded call: what it was answered, with matchers for what is new each time.
enum RecordedExpectation {
    /// The members of an expectation, but for `given` and `store`.
    static func members(
        of response: Response,
        _ content: RecordedCall.Content,
        _ secrets: inout Placeholders
    ) -> [JSON.Member] {
        var headers: [JSON.Member] = []
        for field in response.headers.fields where !headers.contains(where: { $0.name == field.name.string }) {
            let values = response.headers.values(of: field.name).map(\.string).joined(separator: ", ")
            headers.append(.init(name: field.name.string, value: header(field.name, values, of: response, &secrets)))
        }
        var members: [JSON.Member] = [.init(name: "status", value: .number(response.status.code))]
        if !headers.isEmpty { members.append(.init(name: "headers", value: .object(headers))) }
        members.append(.init(name: "body", value: body(content.answer, response.headers, &secrets)))
        if !content.isComplete { members.append(.init(name: "complete", value: .bool(false))) }
        return members
    }

    private static func header(
        _ name: Headers.Name,
        _ value: String,
        of response: Response,
        _ secrets: inout Placeholders
    ) -> JSON {
        switch name {
        case "x-ratelimit-remaining":
            range(0, response.headers["x-ratelimit-limit"].flatMap { Int($0.string) } ?? RateLimit.limits.upperBound)
        case .retryAfter where response.status == .tooManyRequests:
            range(1, RateLimit.windowsInSeconds.upperBound)
        default: text(value, &secrets)
        }
    }

    private static func range(_ lowest: Int, _ highest: Int) -> JSON {
        .object(["$range": .array([.number(lowest), .number(highest)])])
    }

    private static func body(_ bytes: [UInt8], _ headers: Headers, _ secrets: inout Placeholders) -> JSON {
        guard !bytes.isEmpty else { return .null }
        if headers[.contentType] == "application/json", let json = try? JSONReader.read(bytes) {
            return .object(["$exact": json.mapTexts { text($0, &secrets) }])
        }
        return .string(String(decoding: secrets.replaced(in: bytes), as: UTF8.self))
    }

    /// A matcher where a text is another one each time: a new token, a date, an id.
    private static func text(_ text: String, _ secrets: inout Placeholders) -> JSON {
        if StreamToken(text) != nil, !secrets.hasReplaced(text) { return regex("pub_tok_Fixed1[0-9A-Za-z]{36}") }
        if text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil {
            return regex(#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"#)
        }
        if text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil {
            return regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        }
        return .string(secrets.replaced(in: text))
    }

    private static func regex(_ pattern: String) -> JSON {
        .object(["$regex": .string(pattern)])
    }
}
