/// Turns chunks of bytes into texts that can be sent separately, for example one per event.
///
/// Joined, the texts equal the bytes decoded as UTF-8, however these are split; invalid UTF-8 becomes U+FFFD. No text is
/// empty or over the limit, and none ends inside a scalar or between CR and LF.
public struct TextChunks: Sendable {
    /// In bytes.
    private let limit: Int
    /// Kept for the next chunk: the beginning of a scalar, or a carriage return.
    private var waiting: [UInt8] = []

    /// Returns texts of up to 16 KiB.
    public init() {
        self.init(limit: 16_384)
    }

    /// Returns texts of up to `limit` bytes, at least 4: a scalar takes up to four bytes.
    package init(limit: Int) {
        precondition(limit >= 4, "a text must have room for a scalar")
        self.limit = limit
    }

    /// Takes the next bytes and returns the texts that they complete.
    public mutating func take(_ bytes: [UInt8]) -> [String] {
        let bytes = waiting.isEmpty ? bytes : waiting + bytes
        let end = bytes.count - Self.countOfUnfinished(in: bytes)
        waiting = Array(bytes[end...])
        return cut(String(decoding: bytes[..<end], as: UTF8.self))
    }

    /// Returns the rest at the end of the input, where an incomplete scalar becomes U+FFFD; nil if nothing is left.
    public mutating func finish() -> String? {
        defer { waiting = [] }
        return waiting.isEmpty ? nil : String(decoding: waiting, as: UTF8.self)
    }

    private func cut(_ text: String) -> [String] {
        let bytes = text.utf8
        guard bytes.count > limit else { return text.isEmpty ? [] : [text] }
        var texts: [String] = []
        var start = bytes.startIndex
        while let limit = bytes.index(start, offsetBy: limit, limitedBy: bytes.endIndex), limit < bytes.endIndex {
            var end = limit
            while UTF8.isContinuation(bytes[end]) { end = bytes.index(before: end) }
            let previous = bytes.index(before: end)
            if bytes[end] == UInt8(ascii: "\n"), bytes[previous] == UInt8(ascii: "\r") { end = previous }
            texts.append(String(text[start..<end]))
            start = end
        }
        texts.append(String(text[start...]))
        return texts
    }

    /// How many of the last bytes must wait for the next chunk.
    private static func countOfUnfinished(in bytes: [UInt8]) -> Int {
        if bytes.last == UInt8(ascii: "\r") { return 1 }
        // An incomplete scalar has at most three bytes.
        let last = bytes.suffix(3)
        guard let start = last.lastIndex(where: { !UTF8.isContinuation($0) }) else { return 0 }
        let count = bytes.count - start
        return count < length(from: bytes[start], count > 1 ? bytes[start + 1] : nil) ? count : 0
    }

    /// The length of a scalar that begins with these bytes (Unicode, table 3-7); 1 if no scalar does. Without a second
    /// byte, a valid one is assumed.
    private static func length(from first: UInt8, _ second: UInt8?) -> Int {
        let (length, range): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (1, 0x80...0xBF)
            }
        guard let second else { return length }
        return range.contains(second) ? length : 1
    }
}
