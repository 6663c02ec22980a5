package import FunctionCore

/// The server-sent events of a body, and what is expected of them.
extension Expectation {
    /// Where the events are not those that are expected.
    func eventMismatches(_ bytes: [UInt8]) -> [Mismatch] {
        guard let events else { return [] }
        let pointer = pointer.appending("events")
        var parser = ServerSentEventParser()
        do throws(ServerSentEventParser.TooLong) {
            let actual = Self.json(try parser.feed(bytes), for: events)
            return Self.mismatches(actual, events, at: pointer)
        } catch {
            return [Mismatch(at: pointer, expected: "server-sent events", actual: error.description)]
        }
    }

    /// The events of a body as fixtures write them, each as its pattern takes it.
    package static func events(_ bytes: [UInt8], for patterns: [Pattern] = []) -> [JSON] {
        var parser = ServerSentEventParser()
        return json((try? parser.feed(bytes)) ?? [], for: patterns)
    }

    private static func json(_ events: [ServerSentEvent], for patterns: [Pattern]) -> [JSON] {
        events.enumerated().map { index, event in
            patterns.indices.contains(index)
                ? json(event, for: patterns[index]) : json(event, data: .string(event.data))
        }
    }

    /// Its data is the text or, where the pattern does not hold for that, what the text is as JSON.
    private static func json(_ event: ServerSentEvent, for pattern: Pattern) -> JSON {
        let asText = json(event, data: .string(event.data))
        guard !pattern.mismatches(asText, at: .root).isEmpty,
            // A string is told by its text alone, in quotes or not.
            let data = try? JSONReader.read(Array(event.data.utf8)), data.kind != .string
        else { return asText }
        let asJSON = json(event, data: data)
        // Where it holds for neither, the one is shown that is meant.
        return pattern.mismatches(asJSON, at: .root).isEmpty || pattern.wantsDataAsJSON ? asJSON : asText
    }

    private static func json(_ event: ServerSentEvent, data: JSON) -> JSON {
        var members: [JSON.Member] = []
        if let type = event.type { members.append(.init(name: "type", value: .string(type))) }
        members.append(.init(name: "data", value: data))
        if let id = event.id { members.append(.init(name: "id", value: .string(id))) }
        return .object(members)
    }
}

extension Pattern {
    /// Whether, as the pattern of an event, it asks for data that is no text.
    fileprivate var wantsDataAsJSON: Bool {
        switch form {
        case .object(let members, _):
            members.contains { $0.name.hasSameBytes(as: "data") && !$0.pattern.canHoldForText }
        case .matchers(let matchers):
            matchers.contains { if case .exact(let pattern) = $0 { pattern.wantsDataAsJSON } else { false } }
        case .scalar, .array: false
        }
    }

    private var canHoldForText: Bool {
        switch form {
        case .scalar(let value): value.kind == .string
        case .array, .object: false
        case .matchers(let matchers):
            matchers.allSatisfy { matcher in
                switch matcher {
                case .type(let type): type == .string
                case .exact(let pattern): pattern.canHoldForText
                case .oneOf(let patterns): patterns.contains(where: \.canHoldForText)
                case .regex, .range, .length: true
                case .absent: false
                }
            }
        }
    }
}
