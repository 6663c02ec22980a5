/// A set of ASCII characters with one bit for each, so that a test is a shift and a mask. The parser tests every byte:
/// that is why this is inlinable and the sets are literal numbers.
package struct ASCIISet: Sendable {
    @usableFromInline package let low: UInt64
    @usableFromInline package let high: UInt64

    /// `low` holds characters 0 to 63 and `high` 64 to 127, each from its lowest bit up.
    @inlinable
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inlinable @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 != 0
    }

    /// tchar (RFC 9110, section 5.6.2), for methods and field names: ALPHA, DIGIT and !#$%&'*+-.^_`|~
    @inlinable package static var token: ASCIISet {
        ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// absolute-path (RFC 3986, section 3.3): ALPHA, DIGIT and -._~%!$&'()*+,;=:@/
    @inlinable package static var path: ASCIISet {
        ASCIISet(low: 0x2FFF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    /// query (RFC 3986, section 3.4): a path's characters and `?`; also []{}|\^` which browsers do not encode there
    /// (WHATWG URL, query percent-encode set)
    @inlinable package static var query: ASCIISet {
        ASCIISet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// unreserved (RFC 3986, section 2.3): ALPHA, DIGIT and -._~
    @inlinable package static var unreserved: ASCIISet {
        ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// reg-name (RFC 3986, section 3.2.2): a path's characters without :@/
    @inlinable package static var registeredName: ASCIISet {
        ASCIISet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// Names that can be resolved, and IPv4 addresses: ALPHA, DIGIT and -._
    @inlinable package static var hostName: ASCIISet {
        ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x07FF_FFFE_87FF_FFFE)
    }

    /// The characters between an IPv6address's brackets (RFC 3986, section 3.2.2): HEXDIG and :.
    @inlinable package static var address: ASCIISet {
        ASCIISet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E)
    }

    /// scheme (RFC 3986, section 3.1): ALPHA, DIGIT and +-.
    @inlinable package static var scheme: ASCIISet {
        ASCIISet(low: 0x03FF_6800_0000_0000, high: 0x07FF_FFFE_07FF_FFFE)
    }

    @inlinable package static var digits: ASCIISet { ASCIISet(low: 0x03FF_0000_0000_0000, high: 0) }

    /// VCHAR (RFC 5234, appendix B.1): ! to ~
    @inlinable package static var visible: ASCIISet {
        ASCIISet(low: 0xFFFF_FFFE_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// The set without one of its characters.
    package func removing(_ byte: UInt8) -> ASCIISet {
        byte < 64
            ? ASCIISet(low: low & ~(1 << UInt64(byte)), high: high)
            : ASCIISet(low: low, high: high & ~(1 << UInt64(byte & 63)))
    }
}
