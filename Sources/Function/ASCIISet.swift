/// A set of ASCII characters: a bit each, so that a test is a shift and a mask.
///
/// Inlinable, and its sets are numbers in the source: the parser asks it about every byte.
package struct ASCIISet: Sendable {
    @usableFromInline package let low: UInt64
    @usableFromInline package let high: UInt64

    /// The characters 0 to 63 and 64 to 127, the lowest bit the first.
    @inlinable
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inlinable @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 != 0
    }
}

extension ASCIISet {
    /// tchar (RFC 9110, section 5.6.2), of which methods and field names are made: ALPHA, DIGIT and !#$%&'*+-.^_`|~
    @inlinable package static var token: ASCIISet {
        ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }
}
