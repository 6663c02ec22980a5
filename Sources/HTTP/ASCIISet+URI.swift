package import Function

extension ASCIISet {
    /// absolute-path (RFC 3986, section 3.3): ALPHA, DIGIT and -._~%!$&'()*+,;=:@/
    package static var path: ASCIISet { ASCIISet(low: 0x2FFF_FFF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF) }

    /// query (RFC 3986, section 3.4), a path's characters and `?`, and what browsers leave as it is there
    /// (WHATWG URL, query percent-encode set): []{}|\^`
    static var query: ASCIISet { ASCIISet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }

    /// reg-name (RFC 3986, section 3.2.2): a path's characters without :@/
    static var registeredName: ASCIISet { ASCIISet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// What stands between the brackets of an IPv6address (RFC 3986, section 3.2.2): HEXDIG and :.
    static var address: ASCIISet { ASCIISet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E) }

    static var digits: ASCIISet { ASCIISet(low: 0x03FF_0000_0000_0000, high: 0) }
}
