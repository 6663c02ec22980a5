import Function

extension RequestParser {
    /// Enough for every size that fits an Int, with leading zeros to spare.
    static let mostChunkSizeDigits = 16

    /// chunk-size [ chunk-ext ] (RFC 9112, section 7.1); returns the size in bytes.
    mutating func parse(chunkSizeLine line: Span<UInt8>) throws(RequestError) -> Int {
        var size = 0
        var digits = 0
        while digits < line.count, let value = PercentEncoding.hexadecimalValue(line[digits]) {
            guard digits < Self.mostChunkSizeDigits, size <= Int.max >> 4 else { throw .malformed(.chunkSize) }
            size = size << 4 | Int(value)
            digits += 1
        }
        guard digits > 0 else { throw .malformed(.chunkSize) }
        if digits < line.count {
            headBytes += line.count - digits
            guard headBytes <= limits.head else { throw .headTooLarge }
            guard Self.isExtension(line.extracting(digits...)) else { throw .malformed(.chunkExtension) }
        }
        return size
    }

    /// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) (RFC 9112, section 7.1.1).
    private static func isExtension(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            skipBlanks(bytes, &index)
            guard skip(UInt8(ascii: ";"), bytes, &index) else { return false }
            skipBlanks(bytes, &index)
            guard skipToken(bytes, &index) else { return false }
            var afterName = index
            skipBlanks(bytes, &afterName)
            if skip(UInt8(ascii: "="), bytes, &afterName) {
                index = afterName
                skipBlanks(bytes, &index)
                guard skipToken(bytes, &index) || skipQuotedString(bytes, &index) else { return false }
            }
        }
        return true
    }

    private static func skip(_ byte: UInt8, _ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private static func skipBlanks(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index].isBlank { index += 1 }
    }

    private static func skipToken(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        let start = index
        while index < bytes.count, ASCIISet.token.contains(bytes[index]) { index += 1 }
        return index > start
    }

    /// quoted-string (RFC 9110, section 5.6.4).
    private static func skipQuotedString(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        let quote = UInt8(ascii: "\"")
        guard skip(quote, bytes, &index) else { return false }
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count, Headers.Value.isAllowed(UInt32(bytes[index])) else { return false }
            index += 1
        }
        return skip(quote, bytes, &index)
    }
}
