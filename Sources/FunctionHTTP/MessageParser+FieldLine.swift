import FunctionBytes
import FunctionCore

extension MessageParser {
    /// field-line = field-name ":" OWS field-value OWS (RFC 9112, section 5).
    mutating func parse(fieldLine line: Span<UInt8>) throws(Failure) -> Headers.Field {
        fieldCount += 1
        guard fieldCount <= fieldLimit else { throw .headTooLarge }
        guard !line[0].isBlank else { throw .malformed(.fold) }
        guard let colon = line.firstIndex(of: .colon) else { throw .malformed(.fieldLine) }
        guard let name = Headers.Name(line.extracting(..<colon)) else { throw .malformed(.fieldName) }

        var start = colon + 1
        var end = line.count
        while start < end, line[start].isBlank { start += 1 }
        while start < end, line[end - 1].isBlank { end -= 1 }
        guard let value = Headers.Value(line.extracting(start..<end)) else { throw .malformed(.fieldValue) }
        return Headers.Field(name, value)
    }
}

extension Headers.Name {
    /// Nil unless the bytes are a token; that also rejects whitespace before the colon (RFC 9112, section 5.1).
    fileprivate init?(_ bytes: Span<UInt8>) {
        guard bytes.isToken else { return nil }
        self.init(
            lowercasedToken: String(unsafeUninitializedCapacity: bytes.count) { string in
                for index in 0..<bytes.count { string[index] = bytes[index].lowercased }
                return bytes.count
            }
        )
    }
}

extension Headers.Value {
    /// Nil if the bytes contain a control character other than HTAB.
    fileprivate init?(_ bytes: Span<UInt8>) {
        var union: UInt8 = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            guard Self.isAllowed(UInt32(byte)) else { return nil }
            union |= byte
        }
        if union < 0x80 {
            self.init(valid: String(ascii: bytes))
        } else {
            self.init(valid: String(isomorphic: bytes))
        }
    }
}

extension String {
    /// Maps each byte to the scalar with the same number.
    fileprivate init(isomorphic bytes: Span<UInt8>) {
        self.init(unsafeUninitializedCapacity: 2 * bytes.count) { string in
            var count = 0
            for index in 0..<bytes.count {
                let byte = bytes[index]
                if byte < 0x80 {
                    string[count] = byte
                    count += 1
                } else {
                    string[count] = 0xC0 | byte >> 6
                    string[count + 1] = 0x80 | byte & 0x3F
                    count += 2
                }
            }
            return count
        }
    }
}
