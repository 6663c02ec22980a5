import FunctionBytes
import FunctionCore

/// What may stand behind a chunk's size. Nobody here has a use for it, but it must be legal.
enum ChunkExtension {
    /// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) (RFC 9112, section 7.1.1).
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
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
