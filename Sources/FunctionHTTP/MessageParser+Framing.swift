import FunctionBytes
package import FunctionCore

extension MessageParser {
    /// Content-Length = 1*DIGIT (RFC 9110, section 8.6).
    static func contentLength(_ value: some StringProtocol) throws(Failure) -> Int {
        guard !value.isEmpty else { throw .malformed(.contentLength) }
        var length = 0
        for byte in value.utf8 {
            guard byte.isDigit else { throw .malformed(.contentLength) }
            let (tens, tensOverflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !tensOverflow, !sumOverflow else { throw .malformed(.contentLength) }
            length = sum
        }
        return length
    }

    /// Requires `chunked`, the only supported transfer coding, applied exactly once (RFC 9112, section 6.1).
    static func requireChunked(_ values: [Headers.Value], beside length: Int?, _ version: HTTPVersion) throws(Failure) {
        guard version == .http11 else { throw .malformed(.codingInHTTP10) }
        guard length == nil else { throw .malformed(.lengthAndCoding) }
        let codings = values.flatMap(\.listElements)
        guard !codings.isEmpty, codings.allSatisfy({ Method(String($0)) != nil }) else {
            throw .malformed(.transferCoding)
        }
        guard codings.last?.lowercased() == "chunked" else { throw .lastCodingNotChunked }
        guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else { throw .transferCodingUnknown }
        guard codings.count == 1 else { throw .malformed(.transferCoding) }
    }

    /// Enough for every size that fits an Int, with leading zeros to spare.
    private static var maxChunkSizeDigits: Int { 16 }

    /// Checks the head limit for a chunk's first line. The extension counts; the digits and the line's end do not,
    /// because they are framing.
    func checkChunkSize(prefix: Span<UInt8>) throws(Failure) {
        guard headBytes + prefix.count <= headLimit + Self.maxChunkSizeDigits else { throw .headTooLarge }
    }

    /// chunk-size [ chunk-ext ] (RFC 9112, section 7.1); returns the size in bytes.
    mutating func parse(chunkSizeLine line: Span<UInt8>) throws(Failure) -> Int {
        var size = 0
        var digits = 0
        while digits < line.count, let value = line[digits].hexadecimalValue {
            guard digits < Self.maxChunkSizeDigits, size <= Int.max >> 4 else { throw .malformed(.chunkSize) }
            size = size << 4 | Int(value)
            digits += 1
        }
        guard digits > 0 else { throw .malformed(.chunkSize) }
        var end = line.count
        if Self.takesPaddedChunkSizes {
            while end > digits, line[end - 1].isBlank { end -= 1 }
        }
        // A server that pads does so for every chunk: padding within the width that digits may have is not counted.
        headBytes += end > digits ? line.count - digits : max(0, line.count - max(digits, Self.maxChunkSizeDigits))
        guard headBytes <= headLimit else { throw .headTooLarge }
        guard ChunkExtension.isValid(line.extracting(digits..<end)) else { throw .malformed(.chunkExtension) }
        return size
    }
}

/// The text after a chunk's size. It is ignored, but must be well-formed.
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

/// The options in the Connection fields of a message (RFC 9110, section 7.6.1).
struct ConnectionOptions {
    private var close = false
    private var keepAlive = false

    mutating func add(_ value: Headers.Value) {
        for option in value.listElements {
            switch option.lowercased() {
            case "close": close = true
            case "keep-alive": keepAlive = true
            default: break
            }
        }
    }

    /// Whether the connection persists after the exchange (RFC 9112, section 9.3).
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        !close && (version == .http11 || keepAlive)
    }
}

extension Headers.Value {
    /// The elements of a comma-separated list, without the empty ones (RFC 9110, section 5.6.1).
    package var listElements: [Substring] {
        string.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            let trimmed = element.withoutBlanksAround
            return trimmed.isEmpty ? nil : Substring(trimmed)
        }
    }
}
