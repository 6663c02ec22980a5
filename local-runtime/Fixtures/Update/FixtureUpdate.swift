package import FunctionCore
package import LocalRuntimeConsole

/// Rewrites an expectation to what a run has shown.
package struct FixtureUpdate: Equatable, Sendable {
    /// The place of the expectation in its file.
    package let pointer: JSONPointer
    package let expectation: JSON

    package init(pointer: JSONPointer, expectation: JSON) {
        self.pointer = pointer
        self.expectation = expectation
    }

    /// Writes it into the fixture's own file. Everything else there is kept, and so is the order; a given's name too.
    package func write(_ files: FixtureFiles) throws(CommandFailure) {
        let file = files.expectation
        let text: [UInt8]
        if let written = JSONText(file) {
            text = written.replaced(by: updated(written.json))
        } else {
            text = Array(updated(.object([])).formatted.utf8)
        }
        do throws(OutputFile.Unwritable) {
            try OutputFile.write(text, to: file)
        } catch {
            throw .couldNotRun(error.description)
        }
    }

    private func updated(_ whole: JSON) -> JSON {
        guard pointer == .root, case .object(let old) = whole, case .object(let new) = expectation else {
            return whole.replacing(at: pointer.tokens[...], with: expectation)
        }
        return .object(old.filter { $0.name == "given" || $0.name == "$schema" } + new)
    }
}

extension JSON {
    /// The value as a file, with a member or element a line.
    package var formatted: String { indented() + "\n" }
}

extension Expectation {
    /// `written`, changed so that it holds for `outcome` (nil: no response). What holds already stays as it is.
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
        case ("body", .string) where !outcome.body.isEmpty:
            // A body that is expected as text, byte for byte, stays so.
            return body?.updated(member.value, to: .string(String(decoding: outcome.body, as: UTF8.self)))
        case ("body", _):
            let actual = Self.body(outcome.body, outcome.response.headers[.contentType])
            return body?.updated(member.value, to: actual ?? .null)
        case ("events", .array(let written)):
            return Self.updated(events, written, to: Self.events(outcome.body, for: events ?? []))
        case ("chunks", .array(let written)):
            return Self.updated(chunks, written, to: outcome.texts)
        case ("silence", _): return silence?.updated(member.value, to: outcome.silence)
        // `within` stays, however long it took this time.
        default: return member.value
        }
    }

    private func updated(
        _ field: (name: Headers.Name, pattern: Pattern),
        _ written: JSON.Member,
        _ outcome: Outcome
    ) -> JSON.Member {
        let actual = outcome.response.headers.joined(field.name).map(JSON.string)
        // Null is an absent header.
        if case .scalar(.null) = field.pattern.form, actual == nil { return written }
        return .init(name: written.name, value: field.pattern.updated(written.value, to: actual) ?? .null)
    }

    private static func updated(_ patterns: [Pattern]?, _ written: [JSON], to actual: [JSON]) -> JSON? {
        guard let patterns else { return nil }
        return Pattern(source: .array(written), form: .array(patterns)).updated(.array(written), to: .array(actual))
    }

    /// A body as it is compared with a pattern; nil if it is empty.
    package static func body(_ bytes: [UInt8], _ contentType: Headers.Value?) -> JSON? {
        guard !bytes.isEmpty else { return nil }
        // In a pattern, a string is the body's text, and null is an empty body.
        if isJSON(contentType), let json = try? JSONReader.read(bytes), ![.null, .string].contains(json.kind) {
            return json
        }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}

extension Pattern {
    /// `written`, changed so that it matches `actual` (nil: absent); nil if there is nothing to write.
    ///
    /// Parts that match stay as they are in `written`, with their matchers and with references that are not yet resolved.
    package func updated(_ written: JSON, to actual: JSON?) -> JSON? {
        guard !mismatches(actual, at: .root).isEmpty else { return written }
        guard let actual else { return nil }
        switch (form, written, actual) {
        case (.object(let members, let isExact), .object(let writtenMembers), .object(let actualMembers)):
            return .object(Self.updated(members, writtenMembers, to: actualMembers, isExact: isExact))
        case (.array(let patterns), .array(let writtenElements), .array(let elements)):
            let pairs = zip(patterns, writtenElements)
            let kept = zip(pairs, elements).compactMap { pair, element in pair.0.updated(pair.1, to: element) }
            return .array(kept + elements.dropFirst(patterns.count).map { Snapshot().json($0) })
        case (.matchers(let matchers), .object(let writtenMembers), _):
            guard case .exact(let pattern)? = matchers.first, matchers.count == 1,
                let inner = pattern.updated(writtenMembers[0].value, to: actual)
            else { return Snapshot().json(actual) }
            return .object([.init(name: "$exact", value: inner)])
        default:
            return Snapshot().json(actual)
        }
    }

    private static func updated(
        _ members: [Member],
        _ written: [JSON.Member],
        to actual: [JSON.Member],
        isExact: Bool
    ) -> [JSON.Member] {
        let values = Dictionary(uniqueKeysWithValues: actual.map { (ExactText($0.name), $0.value) })
        let kept = zip(members, written).compactMap { member, written -> JSON.Member? in
            member.pattern.updated(written.value, to: values[ExactText(member.name)]).map {
                .init(name: member.name, value: $0)
            }
        }
        guard isExact else { return kept }
        let names = Set(members.map { ExactText($0.name) })
        return kept
            + actual.filter { !names.contains(ExactText($0.name)) }.map {
                .init(name: $0.name, value: Snapshot().json($0.value))
            }
    }
}
