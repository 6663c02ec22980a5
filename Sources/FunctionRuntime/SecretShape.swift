import FunctionBytes

/// Describes an unusable secret without revealing it: the damage that is usual on the way from a file or a vault.
package struct SecretShape: CustomStringConvertible {
    private let facts: [String]

    package init(_ text: String) {
        let bytes = Array(text.utf8)
        let bare = Array(text[...].utf8.withoutBlanksAndLineEndsAround)
        guard !bare.isEmpty else {
            facts = ["it holds only blanks or line ends"]
            return
        }
        let oddities = Self.oddities(bare)
        let guess = oddities.isEmpty && Self.looksEncoded(bare) ? ["looks like base64 that was not decoded"] : []
        facts = ["it has \(bytes.count) bytes"] + oddities + guess
    }

    /// `it has 44 bytes, is in quotation marks, contains a line end`
    package var description: String { facts.joined(separator: ", ") }

    private static func oddities(_ bytes: [UInt8]) -> [String] {
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        let all: [(String, Bool)] = [
            ("begins with a byte order mark", bytes.starts(with: [0xEF, 0xBB, 0xBF])),
            ("is in quotation marks", bytes.count > 1 && bytes.first == bytes.last && quotes.contains(bytes[0])),
            ("begins like a reference that was never replaced", references.contains { bytes.starts(with: $0.utf8) }),
            ("begins with a slash, like a file's path", bytes[0] == UInt8(ascii: "/")),
            ("begins with a brace, like JSON", bytes[0] == UInt8(ascii: "{")),
            ("contains a line end", bytes.contains { $0 == 0x0A || $0 == 0x0D }),
            ("contains a blank", bytes.contains { $0 == 0x20 || $0 == 0x09 }),
            (
                "contains a control character",
                bytes.contains { $0 < 0x20 && ![0x09, 0x0A, 0x0D].contains($0) || $0 == 0x7F }
            ),
            ("contains characters that are not ASCII", bytes.contains { $0 >= 0x80 }),
        ]
        return all.filter(\.1).map(\.0)
    }

    private static let references = ["$(", "${", "{{"]

    /// Base64 has no `:` (RFC 4648, section 4), so that no URL looks encoded.
    private static func looksEncoded(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 16 && bytes.count.isMultiple(of: 4)
            && bytes.allSatisfy { $0.isLetterOrDigit || "+/=".utf8.contains($0) }
    }
}
