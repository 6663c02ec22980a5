package import FunctionCore

extension Pattern {
    /// The pattern as it has to be written for `actual` (nil: absent) to match; nil if there is nothing to write.
    ///
    /// What matches stays as it is in `written`, where references are not yet resolved; so do matchers.
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
