/// Classes of ASCII characters (RFC 20). Bytes from 128 up belong to none.
extension UInt8 {
    @inlinable @inline(__always)
    package var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    @inlinable @inline(__always)
    package var isCapital: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

    /// A letter in either case: setting bit 0x20 turns a capital into its small letter.
    @inlinable @inline(__always)
    package var isLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20 }

    @inlinable @inline(__always)
    package var isLetterOrDigit: Bool { isDigit || isLetter }

    /// The value of a hexadecimal digit in either case; nil for any other byte.
    @inlinable @inline(__always)
    package var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    @inlinable @inline(__always)
    package var isHexadecimalDigit: Bool { hexadecimalValue != nil }

    /// SP or HTAB.
    @inlinable @inline(__always)
    package var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// A capital as its small letter; any other byte unchanged.
    @inlinable @inline(__always)
    package var lowercased: UInt8 { isCapital ? self | 0x20 : self }
}

extension Substring.UTF8View {
    /// Without the blanks at its start and end (OWS of RFC 9110, section 5.6.3).
    package var withoutBlanksAround: Self {
        trimmed(of: \.isBlank)
    }

    /// Without the blanks and line ends at its start and end, such as editors and `echo` leave.
    package var withoutBlanksAndLineEndsAround: Self {
        trimmed { $0.isBlank || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    private func trimmed(of isTrimmed: (UInt8) -> Bool) -> Self {
        let rest = drop(while: isTrimmed)
        guard let last = rest.lastIndex(where: { !isTrimmed($0) }) else { return rest }
        return rest[...last]
    }
}

extension [UInt8] {
    /// Appends `number` in decimal digits.
    package mutating func append(decimal number: Int) {
        // A fast path: most numbers are short lengths.
        if 0..<100 ~= number {
            if number >= 10 { append(UInt8(ascii: "0") + UInt8(number / 10)) }
            return append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        if number < 0 { append(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var unit: UInt = 1
        while magnitude / unit >= 10 { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(magnitude / unit % 10))
            unit /= 10
        }
    }
}
