import FunctionBytes
import FunctionCore

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

    /// `chunked` is the one transfer coding that is understood, and it may be applied once (RFC 9112, section 6.1).
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

    /// The limit of a chunk's first line: its digits are framing and do not count, nor does the line's end; the extension
    /// does.
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
        // Padding comes with every chunk: as long as it is no wider than the digits may be, it counts as they do.
        headBytes += end > digits ? line.count - digits : max(0, line.count - max(digits, Self.maxChunkSizeDigits))
        guard headBytes <= headLimit else { throw .headTooLarge }
        guard ChunkExtension.isValid(line.extracting(digits..<end)) else { throw .malformed(.chunkExtension) }
        return size
    }
}
