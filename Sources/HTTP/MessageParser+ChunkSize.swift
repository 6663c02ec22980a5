import Function
import FunctionBytes

extension MessageParser {
    /// Enough for every size that fits an Int, with leading zeros to spare.
    private static var maxChunkSizeDigits: Int { 16 }

    /// The limit of a chunk's first line: its digits are framing and do not count, nor does the line's end; the extension
    /// does.
    func checkChunkSize(prefix: Span<UInt8>) throws(Failure) {
        guard headBytes + prefix.count <= headLimit + Self.maxChunkSizeDigits else { throw .headTooLarge }
    }

    /// Behind a chunk there is nothing but a line's end.
    func checkChunkEnd(prefix: Span<UInt8>) throws(Failure) {
        guard prefix.isEmpty else { throw .malformed(.chunkEnd) }
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
