/// Percent-encoding (WHATWG URL, section 1.3). Decoding is inlinable because it runs on the query of every request.
package enum PercentEncoding {
    /// Decodes `encoded`. A `%` without two hexadecimal digits after it stays as it is.
    @inlinable
    package static func decode(_ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.underestimatedCount)
        // A `%` and its first digit, until the byte that completes or disproves the escape.
        var pending: [UInt8] = []
        for byte in encoded {
            if pending.count == 2, let high = pending[1].hexadecimalValue, let low = byte.hexadecimalValue {
                bytes.append(high << 4 | low)
                pending.removeAll(keepingCapacity: true)
                continue
            }
            if pending.count == 1, byte.isHexadecimalDigit {
                pending.append(byte)
                continue
            }
            bytes += pending
            pending.removeAll(keepingCapacity: true)
            if byte == UInt8(ascii: "%") {
                pending.append(byte)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return bytes + pending
    }

    /// Whether two hexadecimal digits follow every `%`.
    package static func isWhole(_ encoded: Substring.UTF8View) -> Bool {
        encoded.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst().allSatisfy { part in
            part.count >= 2 && part.prefix(2).allSatisfy(\.isHexadecimalDigit)
        }
    }

    /// Encodes every byte that is not in `set`.
    package static func encode(_ text: String, keeping set: ASCIISet) -> String {
        guard !text.utf8.allSatisfy(set.contains) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            if set.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
