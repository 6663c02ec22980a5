/// What a byte is as a character of ASCII (RFC 20). Bytes from 128 on are none of it.
extension UInt8 {
    @inlinable @inline(__always)
    package var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    @inlinable @inline(__always)
    package var isCapital: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

    /// A letter in either case. The bit sets a letter apart from its capital.
    @inlinable @inline(__always)
    package var isLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20 }

    @inlinable @inline(__always)
    package var isLetterOrDigit: Bool { isDigit || isLetter }

    /// The value of a hexadecimal digit in either case; nil for anything else.
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

    /// The same letter as a small one; anything else as it is.
    @inlinable @inline(__always)
    package var lowercased: UInt8 { isCapital ? self | 0x20 : self }
}
