import FunctionBytes
import FunctionCore
import Glibc

/// The host of an origin, as browsers write it (WHATWG URL, section 3.5).
enum OriginHost {
    /// In lower case, labels beyond ASCII in punycode, an IPv6 address in its shortest form.
    static func canonical(_ written: String) throws(PageOriginError) -> String {
        if written.utf8.first == UInt8(ascii: "[") {
            guard written.utf8.last == UInt8(ascii: "]"), let address = address(String(written.dropFirst().dropLast()))
            else { throw .malformedHost }
            return "[\(address)]"
        }
        let labels = written.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isDot)
        var canonical: [String] = []
        for label in labels { canonical.append(try self.label(String(label))) }
        // Browsers keep a dot at the end, and treat the name as a different one. Elsewhere no label may be empty.
        guard !canonical.dropLast().contains(""), canonical.count > 1 || canonical != [""] else { throw .malformedHost }
        let host = canonical.joined(separator: ".")
        guard host.utf8.count <= 253 + 1 else { throw .malformedHost }
        return host
    }

    /// A label in ASCII (RFC 5891, section 4.4, without its tables: browsers refuse the characters that those exclude).
    private static func label(_ written: String) throws(PageOriginError) -> String {
        guard written.utf8.count <= 255 else { throw .malformedHost }
        let isASCII: (String) -> Bool = { $0.utf8.allSatisfy { $0 < 0x80 } }
        var text = PageOrigin.lowercased(written)
        if !isASCII(text) { text = composed(text.lowercased()) }
        if !isASCII(text) { text = "xn--" + Punycode.encode(text.unicodeScalars) }
        guard text.utf8.count <= 63, text.utf8.allSatisfy(isLabelByte) else { throw .malformedHost }
        return text
    }

    /// The full stop, and the characters that input methods write for it (UTS #46, section 2.3).
    private static func isDot(_ scalar: Unicode.Scalar) -> Bool {
        ".\u{3002}\u{FF0E}\u{FF61}".unicodeScalars.contains(scalar)
    }

    static func isLabelByte(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit && !byte.isCapital || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Blocks of letters that can also be written as several scalars, as some editors do and browsers never do.
    private static let composedBlocks: [ClosedRange<UInt32>] = [
        0xC0...0x24F, 0x370...0x4FF, 0x1E00...0x1FFF, 0x3040...0x30FF, 0xAC00...0xD7A3,
    ]

    /// Replaces letters of several scalars by single scalars if there are any (Unicode's NFC, for the blocks above).
    private static func composed(_ text: String) -> String {
        text.reduce(into: "") { composed, letter in
            guard letter.unicodeScalars.count > 1 else { return composed.append(letter) }
            let scalars = composedBlocks.lazy.joined().lazy.compactMap(Unicode.Scalar.init)
            // `==` on characters compares by canonical equivalence.
            let whole = scalars.first { Character($0) == letter }
            composed.append(whole.map(Character.init) ?? letter)
        }
    }

    /// The shortest text of an IPv6 address (RFC 5952, section 4; never with an IPv4 part, as in the WHATWG URL
    /// standard); nil if `text` is not an IPv6 address.
    private static func address(_ text: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        let groups = withUnsafeBytes(of: address) { bytes in
            (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        }
        // The longest run of at least two zeros; of several, the first.
        var zeros = 0..<0
        for start in 0..<8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(zeros.count, 1) { zeros = start..<end }
        }
        let joined: (ArraySlice<UInt16>) -> String = { $0.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !zeros.isEmpty else { return joined(groups[...]) }
        return joined(groups[..<zeros.lowerBound]) + "::" + joined(groups[zeros.upperBound...])
    }
}
