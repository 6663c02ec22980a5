package import FunctionCore

extension Expectation {
    /// The expectation as it has to be written for `outcome` (nil: no answer): what holds stays as it is in `written`.
    package func updated(_ written: JSON, to outcome: Outcome?, storeHolds contents: JSON?) -> JSON {
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
        case ("body", _):
            let actual = Self.body(outcome.body, outcome.response.headers[.contentType])
            return body?.updated(member.value, to: actual ?? .null)
        case ("events", .array(let written)): return Self.updated(events, written, to: Self.events(outcome.body))
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

    /// A body as it is compared with a pattern; nil where there is none.
    package static func body(_ bytes: [UInt8], _ contentType: Headers.Value?) -> JSON? {
        guard !bytes.isEmpty else { return nil }
        // In a pattern, a string is the text of a body, and null says that there is none.
        if isJSON(contentType), let json = try? JSONReader.read(bytes), ![.null, .string].contains(json.kind) {
            return json
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }

    package static func events(_ bytes: [UInt8]) -> [JSON] {
        var parser = ServerSentEventParser()
        return ((try? parser.feed(bytes)) ?? []).map { json($0, for: nil) }
    }
}
