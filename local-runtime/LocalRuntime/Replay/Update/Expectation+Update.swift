import Function

extension Expectation {
    /// The expectation as it has to be written for `outcome` (nil: no answer): what holds stays as it is in `written`.
    func updated(_ written: JSON, to outcome: Outcome?, storeHolds contents: JSON?) -> JSON {
        guard case .object(let members) = written else { return written }
        var updated: [JSON.Member] = members.compactMap { member in
            let value =
                member.name == "store"
                ? store?.updated(member.value, to: contents) : outcome.flatMap { self.value(of: member, $0) }
            return value.map { .init(name: member.name, value: $0) }
        }
        if let outcome, outcome.isComplete != isComplete {
            updated.removeAll { $0.name == "complete" }
            if !outcome.isComplete { updated.append(.init(name: "complete", value: .bool(false))) }
        }
        return .object(updated)
    }

    private func value(of member: JSON.Member, _ outcome: Outcome) -> JSON? {
        switch (member.name, member.value) {
        case ("status", _): return status?.updated(member.value, to: .number(Double(outcome.response.status.code)))
        case ("headers", .object(let fields)): return .object(zip(headers, fields).map { updated($0, $1, outcome) })
        case ("body", _): return body?.updated(member.value, to: Self.body(of: outcome) ?? .null)
        case ("events", .array(let written)): return Self.updated(events, written, to: Self.events(of: outcome))
        case ("chunks", .array(let written)):
            return Self.updated(
                chunks,
                written,
                to: outcome.chunks.map { .string(String(decoding: $0, as: UTF8.self)) }
            )
        // That it took longer this time is nothing to keep.
        default: return member.value
        }
    }

    private func updated(
        _ field: (name: Headers.Name, pattern: Pattern),
        _ written: JSON.Member,
        _ outcome: Outcome
    ) -> JSON.Member {
        let actual = outcome.response.headers.joined(field.name).map(JSON.string)
        // Null says that it is absent.
        if case .scalar(.null) = field.pattern.form, actual == nil { return written }
        return .init(name: written.name, value: field.pattern.updated(written.value, to: actual) ?? .null)
    }

    private static func updated(_ patterns: [Pattern]?, _ written: [JSON], to actual: [JSON]) -> JSON? {
        guard let patterns else { return nil }
        return Pattern(source: .array(written), form: .array(patterns)).updated(.array(written), to: .array(actual))
    }

    /// An expectation for an event that has none.
    static func new(for outcome: Outcome) -> JSON {
        let response = outcome.response
        var names: [Headers.Name] = []
        for name in response.headers.fields.map(\.name) where !names.contains(name) { names.append(name) }
        var members: [JSON.Member] = [
            .init(name: "status", value: .number(Double(response.status.code)))
        ]
        if !names.isEmpty {
            let fields = names.map { name in
                JSON.Member(name: name.string, value: Snapshot.json(.string(response.headers.joined(name) ?? "")))
            }
            members.append(.init(name: "headers", value: .object(fields)))
        }
        if response.headers[.contentType]?.string.hasPrefix("text/event-stream") == true {
            members.append(.init(name: "events", value: .array(events(of: outcome).map(Snapshot.json))))
        } else {
            members.append(.init(name: "body", value: body(of: outcome).map(Snapshot.json) ?? .null))
        }
        if !outcome.isComplete { members.append(.init(name: "complete", value: .bool(false))) }
        return .object(members)
    }

    private static func body(of outcome: Outcome) -> JSON? {
        guard !outcome.body.isEmpty else { return nil }
        if isJSON(outcome.response.headers[.contentType]), let json = try? JSONReader.read(outcome.body) { return json }
        return .string(String(decoding: outcome.body, as: UTF8.self))
    }

    private static func events(of outcome: Outcome) -> [JSON] {
        var parser = ServerSentEventParser()
        return ((try? parser.feed(outcome.body)) ?? []).map { json($0, for: nil) }
    }
}
