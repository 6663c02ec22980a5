import Function
import FunctionBytes

extension ASCIISet {
    /// reg-name (RFC 3986, section 3.2.2): a path's characters without :@/
    static var registeredName: ASCIISet { ASCIISet(low: 0x2BFF_7FF2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// What stands between the brackets of an IPv6address (RFC 3986, section 3.2.2): HEXDIG and :.
    static var address: ASCIISet { ASCIISet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E) }

    static var digits: ASCIISet { ASCIISet(low: 0x03FF_0000_0000_0000, high: 0) }
}
