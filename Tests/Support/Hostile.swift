public import Testing

/// Input that is dear to whoever reads it carelessly, of any size.
public struct Hostile: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    /// The input for a size: about as many bytes, or times a few.
    public let text: @Sendable (Int) -> String

    public init(_ name: String, _ text: @escaping @Sendable (Int) -> String) {
        testDescription = name
        self.text = text
    }
}

/// Texts that are dear to whoever compares, hashes or splits them by Unicode's rules.
public enum HostileText {
    /// A letter and `count` combining marks whose classes fall, so that to normalize it takes the longest.
    public static func marks(_ count: Int) -> String {
        // Classes 230 and 220: each of the second has to move before all of the first.
        let half = count / 2
        return "a" + String(repeating: "\u{0301}", count: count - half) + String(repeating: "\u{0316}", count: half)
    }

    /// The same with classes that fall from mark to mark.
    public static func fallingMarks(_ count: Int) -> String {
        let marks = ["\u{0345}", "\u{0301}", "\u{0316}", "\u{031B}", "\u{05B0}", "\u{3099}", "\u{0334}"]
        return "a" + (0..<count).map { marks[$0 * marks.count / max(count, 1)] }.joined()
    }
}
