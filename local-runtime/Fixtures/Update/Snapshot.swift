package import FunctionCore
import FunctionTesting
import LocalRuntimeConsole
package import StreamTokens

/// Makes an expectation from a response. A value that is different each time becomes a matcher.
package struct Snapshot {
    /// Whether the response was made by the system's time and among other calls. Then dates, ids, and the rest of a limit
    /// are different each time.
    package var isLive = false
    /// Whether the expectation forbids other members of JSON and other bytes of server-sent events.
    package var isExact = false

    package init(isLive: Bool = false, isExact: Bool = false) {
        self.isLive = isLive
        self.isExact = isExact
    }

    /// What an expectation has in place of an API key or a stream token, or of a text that looks like one.
    package enum Credential {
        case text(String)
        /// Matches any token of the organization with this tag.
        case newToken(Tag)

        /// For a response in which every token was minted for it.
        static func new(_ text: String) -> Credential {
            StreamToken(text).map { .newToken($0.tag) } ?? .text(text)
        }
    }

    /// Patterns of texts that are different each time: dates, and ids (RFC 9562).
    private static let liveTexts = [
        #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"#, "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ]

    /// The members of an expectation of the response, without `given` and `store`.
    package func members(
        of response: Response,
        body: [UInt8],
        isComplete: Bool,
        _ credential: (String) -> Credential = Credential.new
    ) -> [JSON.Member] {
        var members: [JSON.Member] = [.init(name: "status", value: .number(response.status.code))]
        var headers: [JSON.Member] = []
        for name in response.headers.fields.map(\.name) where !headers.contains(where: { $0.name == name.string }) {
            headers.append(.init(name: name.string, value: header(name, of: response, credential)))
        }
        if !headers.isEmpty { members.append(.init(name: "headers", value: .object(headers))) }
        if !isExact, response.headers[.contentType]?.string.hasPrefix("text/event-stream") == true {
            let events = Expectation.events(body).map { json($0, credential) }
            members.append(.init(name: "events", value: .array(events)))
        } else {
            let value = Expectation.body(body, response.headers[.contentType])
            members.append(.init(name: "body", value: value.map { self.body($0, credential) } ?? .null))
        }
        if !isComplete { members.append(.init(name: "complete", value: .bool(false))) }
        return members
    }

    /// A value of the response.
    package func json(_ actual: JSON, _ credential: (String) -> Credential = Credential.new) -> JSON {
        actual.mapTexts { text($0, credential) }
    }

    private func body(_ actual: JSON, _ credential: (String) -> Credential) -> JSON {
        let value = json(actual, credential)
        return isExact && actual.kind != .string ? .object(["$exact": value]) : value
    }

    private func header(_ name: Headers.Name, of response: Response, _ credential: (String) -> Credential) -> JSON {
        switch name {
        case "x-ratelimit-remaining" where isLive:
            let limit = response.headers["x-ratelimit-limit"].flatMap { Int($0.string) }
            return .object(["$range": .array([.number(0), .number(limit ?? RateLimit.limits.upperBound)])])
        case .retryAfter where isLive && response.status == .tooManyRequests:
            return .object(["$range": .array([.number(1), .number(RateLimit.windowsInSeconds.upperBound)])])
        default:
            return text(response.headers.joined(name) ?? "", credential)
        }
    }

    private func text(_ text: String, _ credential: (String) -> Credential) -> JSON {
        if isLive, let pattern = Self.liveTexts.first(where: { (try? Regex($0).wholeMatch(in: text)) != nil }) {
            return .object(["$regex": .string(pattern)])
        }
        var (literal, pattern, isNew) = ("", "", false)
        for (bytes, isSecret) in Secrets.pieces(of: Array(text.utf8)) {
            let piece = String(decoding: bytes, as: UTF8.self)
            switch isSecret ? credential(piece) : .text(piece) {
            case .text(let text):
                literal += text
                pattern += Self.escaped(text)
            case .newToken(let tag):
                pattern += "pub_tok_\(tag)[0-9A-Za-z]{36}"
                isNew = true
            }
        }
        return isNew ? .object(["$regex": .string(pattern)]) : .string(literal)
    }

    /// A regular expression that matches the text alone.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if #"\^$.|?*+()[]{}/"#.contains(character) { result += "\\" }
            result.append(character)
        }
    }
}
