package import FunctionCore
import LocalRuntimeConsole

extension Pattern {
    /// Every difference between `actual` (nil: absent) and the pattern, which is at `pointer`.
    package func mismatches(_ actual: JSON?, at pointer: JSONPointer) -> [Mismatch] {
        switch (form, actual) {
        case (.matchers(let matchers), _):
            return matchers.flatMap { $0.mismatches(actual, at: pointer, source) }
        case (.scalar(let expected), let actual?) where expected == actual:
            return []
        case (.array(let patterns), .array(let elements)?) where patterns.count == elements.count:
            return zip(patterns, elements).enumerated().flatMap { index, pair in
                pair.0.mismatches(pair.1, at: pointer.appending(index))
            }
        case (.object(let members, let isExact), .object(let actual)?):
            return mismatches(of: members, isExact: isExact, actual, at: pointer)
        default:
            return [Mismatch(at: pointer, expected: source.description, actual: actual)]
        }
    }

    private func mismatches(
        of members: [Member],
        isExact: Bool,
        _ actual: [JSON.Member],
        at pointer: JSONPointer
    ) -> [Mismatch] {
        let values = Dictionary(uniqueKeysWithValues: actual.map { (ExactText($0.name), $0.value) })
        let differing = members.flatMap { member in
            member.pattern.mismatches(values[ExactText(member.name)], at: pointer.appending(member.name))
        }
        guard isExact else { return differing }
        let names = Set(members.map { ExactText($0.name) })
        let others = actual.filter { !names.contains(ExactText($0.name)) }
        return differing
            + others.map { Mismatch(at: pointer, expected: "no member \"\($0.name)\"", actual: $0.value) }
    }
}

extension Matcher {
    fileprivate func mismatches(_ actual: JSON?, at pointer: JSONPointer, _ source: JSON) -> [Mismatch] {
        switch (self, actual) {
        case (.exact(let pattern), _):
            return pattern.mismatches(actual, at: pointer.appending("$exact"))
        case (.length(let pattern), let actual?):
            guard let length = Self.length(of: actual) else { break }
            return pattern.mismatches(.number(Double(length)), at: pointer.appending("$length"))
        default:
            if holds(actual) { return [] }
        }
        return [Mismatch(at: pointer, expected: source.description, actual: actual)]
    }

    private func holds(_ actual: JSON?) -> Bool {
        guard let actual else {
            if case .absent = self { return true }
            return false
        }
        switch (self, actual) {
        case (.type(let type), _): return type.includes(actual)
        // Compiled each time, because a Regex is not Sendable. The reader has checked it.
        case (.regex(let pattern), .string(let text)):
            return (try? Regex(pattern).wholeMatch(in: text)) != nil
        case (.range(let range), .number(let number)): return range.contains(number)
        case (.range(let range), .string(let text)):
            guard case .number(let number)? = try? JSONReader.read(Array(text.utf8)) else { return false }
            return range.contains(number)
        case (.oneOf(let patterns), _): return patterns.contains { $0.mismatches(actual, at: .root).isEmpty }
        default: return false
        }
    }

    private static func length(of value: JSON) -> Int? {
        switch value {
        case .string(let text): text.count
        case .array(let elements): elements.count
        case .object(let members): members.count
        case .null, .bool, .number: nil
        }
    }
}

/// A difference between a response and its expectation.
package struct Mismatch: Equatable, Sendable {
    package let pointer: JSONPointer
    package let expected: String
    package let actual: String

    /// How many characters of a value are shown at most.
    private static let shownCount = 400

    package init(at pointer: JSONPointer, expected: String, actual: String) {
        self.pointer = pointer
        self.expected = expected
        // Masked before it is cut: the mask would not know a part of a secret.
        let masked = Secrets.masked(actual)
        self.actual = masked.count > Self.shownCount ? masked.prefix(Self.shownCount) + "…" : masked
    }

    package init(at pointer: JSONPointer, expected: String, actual: JSON?) {
        self.init(at: pointer, expected: expected, actual: actual?.description ?? "absent")
    }
}
