/// Percent-encoding (WHATWG URL, section 1.3).
public enum PercentEncoding {
    /// The bytes that `encoded` stands for. A `%` without two hexadecimal digits stands for itself.
    public static func decode(_ encoded: some Sequence<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.underestimatedCount)
        // The `%` and the digit that wait for what follows them.
        var pending: [UInt8] = []
        for byte in encoded {
            if pending.count == 2, let high = hexadecimalValue(pending[1]), let low = hexadecimalValue(byte) {
                bytes.append(high << 4 | low)
                pending.removeAll(keepingCapacity: true)
                continue
            }
            if pending.count == 1, hexadecimalValue(byte) != nil {
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

    /// The value of a hexadecimal digit in either case.
    package static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
