import FunctionBytes

extension JSONReader {
    /// Reads a string (section 7); `next` is its opening quotation mark.
    mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        // Fast path: a string without escapes takes one copy.
        let first = plain()
        if take(UInt8(ascii: "\"")) { return try text(bytes.span.extracting(first), from: start) }
        var content = Array(bytes[first])
        while true {
            content += bytes[plain()]
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                return try text(content.span, from: start)
            case UInt8(ascii: "\\"): try escape(into: &content)
            case nil: throw error("unterminated string", at: start)
            default: throw error("unescaped control character in a string")
            }
        }
    }

    /// Takes the bytes up to the next escape, quotation mark or control character.
    private mutating func plain() -> Range<Int> {
        let start = position
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        return start..<position
    }

    private func text(_ content: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        // String(validating:as:) costs ten times as much for a short text.
        guard let text = try? UTF8Span(validating: content) else { throw error("string is not UTF-8", at: start) }
        return String(copying: text)
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard let letter = next else { throw error("unterminated string") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content += String(Character(try scalar(from: start))).utf8
        default: throw error("no such escape", at: start)
        }
    }

    /// Reads `\uXXXX`, or two of them that form a surrogate pair; `position` is behind the first `u`.
    private mutating func scalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error("half a surrogate pair", at: start)
        }
        let trail = try codeUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw error("half a surrogate pair", at: start) }
        let value = 0x10000 + ((UInt32(unit) & 0x3FF) << 10 | (UInt32(trail) & 0x3FF))
        // Every pair of surrogates stands for a scalar from U+10000 to U+10FFFF.
        return Unicode.Scalar(value)!
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        let end = position + 4
        guard end <= bytes.count, bytes[position..<end].allSatisfy(\.isHexadecimalDigit),
            let unit = UInt16(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
        else { throw error("expected four hexadecimal digits") }
        position = end
        return unit
    }
}
