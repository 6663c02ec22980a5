import FunctionBytes
import StreamTokens

/// How a request's `ttl` becomes a token's lifetime (TOKEN_TTL_POLICY).
package enum TTLPolicy: String, Sendable, CaseIterable {
    /// Refuses anything but a whole number of seconds from 1 to 300.
    case strict
    /// Rounds numbers down and clamps them to 1 to 300; anything else means the default.
    case clamp

    /// In seconds.
    static let defaultTTL = 60
    private static let range = Lifetime.ttls

    /// The lifetime in seconds for the values of the parameter `ttl`; nil if they are to be refused.
    func ttl(from values: [String]) -> Int? {
        guard let value = values.first, values.count > 1 || !value.isEmpty else { return Self.defaultTTL }
        guard values.count == 1 else { return self == .strict ? nil : Self.defaultTTL }
        switch self {
        case .strict: return Self.wholeNumber(value.utf8)
        case .clamp: return Self.floored(value.utf8) ?? Self.defaultTTL
        }
    }

    /// `[1-9][0-9]{0,2}`, at most 300.
    private static func wholeNumber(_ text: String.UTF8View) -> Int? {
        guard text.count <= 3, text.first != UInt8(ascii: "0"), text.allSatisfy(\.isDigit) else { return nil }
        let number = saturated(text[...])
        return range.contains(number) ? number : nil
    }

    /// `-?[0-9]+(\.[0-9]+)?`, clamped to the range; a negative number always rounds down to less than 1.
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
