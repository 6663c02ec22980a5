/// Why a text is no JSON, and where; lines and columns (in bytes) count from 1.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public let line: Int
    public let column: Int
    /// Repeats nothing of the text but the beginning of a member's name.
    public let reason: String

    /// `3:14: a colon is due`
    public var description: String { "\(line):\(column): \(reason)" }
}
