public import Testing

/// Input of any size that is expensive for a careless reader.
public struct Hostile: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    /// The input for a size: about that many bytes, or a small multiple.
    public let text: @Sendable (Int) -> String

    public init(_ name: String, _ text: @escaping @Sendable (Int) -> String) {
        testDescription = name
        self.text = text
    }
}

/// Texts that are expensive to compare, hash or split by Unicode's rules.
public enum HostileText {
    /// A letter and `count` combining marks of falling classes, which take the longest to normalize.
    public static func marks(_ count: Int) -> String {
        // Classes 230 and 220: each of the second has to move before all of the first.
        let half = count / 2
        return "a" + String(repeating: "\u{0301}", count: count - half) + String(repeating: "\u{0316}", count: half)
    }

    /// The same, with more classes.
    public static func fallingMarks(_ count: Int) -> String {
        let marks = ["\u{0345}", "\u{0301}", "\u{0316}", "\u{031B}", "\u{05B0}", "\u{3099}", "\u{0334}"]
        return "a" + (0..<count).map { marks[$0 * marks.count / max(count, 1)] }.joined()
    }
}
