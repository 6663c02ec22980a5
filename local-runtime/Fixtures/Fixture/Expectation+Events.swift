package import FunctionCore

/// Compares the server-sent events of a body with those that are expected.
extension Expectation {
    /// Every difference between the body's events and the expected ones.
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

    /// The events of a body as fixtures write them. Data is text or JSON, whichever the event's pattern asks for.
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

    /// The data is the text, unless the pattern matches only the JSON in that text.
    private static func json(_ event: ServerSentEvent, for pattern: Pattern) -> JSON {
        let asText = json(event, data: .string(event.data))
        guard !pattern.mismatches(asText, at: .root).isEmpty,
            // A JSON string stays as it is written, with its quotes.
            let data = try? JSONReader.read(Array(event.data.utf8)), data.kind != .string
        else { return asText }
        let asJSON = json(event, data: data)
        // If the pattern matches neither, the mismatch shows the kind that the pattern asks for.
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
    /// Whether it is the pattern of an event whose data is no text.
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
