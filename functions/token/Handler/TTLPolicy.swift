import FunctionBytes

/// What becomes of the lifetime that a request asks for.
package enum TTLPolicy: String, Sendable, CaseIterable {
    /// Anything but a whole number of seconds from 1 to 300 is refused.
    case strict
    /// Numbers are floored and brought into 1 to 300; anything else is as if nothing had been asked for.
    case clamp

    /// In force where none is asked for, in seconds.
    static let standard = 60
    private static let range = 1...300

    /// The lifetime in seconds for the values of the parameter `ttl`, or nil where they are to be refused.
    func ttl(from values: [String]) -> Int? {
        guard let value = values.first, values.count > 1 || !value.isEmpty else { return Self.standard }
        guard values.count == 1 else { return self == .strict ? nil : Self.standard }
        switch self {
        case .strict: return Self.wholeNumber(value.utf8)
        case .clamp: return Self.floored(value.utf8) ?? Self.standard
        }
    }

    /// `[1-9][0-9]{0,2}`, at most 300.
    private static func wholeNumber(_ text: String.UTF8View) -> Int? {
        guard text.count <= 3, text.first != UInt8(ascii: "0"), text.allSatisfy(\.isDigit) else { return nil }
        let number = saturated(text[...])
        return range.contains(number) ? number : nil
    }

    /// `-?[0-9]+(\.[0-9]+)?`, brought into the range: all that is negative floors to less than 1.
    private static func floored(_ text: String.UTF8View) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let unsigned = isNegative ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) }) else { return nil }
        guard !isNegative else { return range.lowerBound }
        return min(max(saturated(parts[0]), range.lowerBound), range.upperBound)
    }

    private static func saturated(_ digits: Substring.UTF8View) -> Int {
        digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), range.upperBound + 1) }
    }
}
