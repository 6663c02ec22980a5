/// A set of ASCII characters: a bit each, so that a test is a shift and a mask.
struct ASCIISet: Sendable {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    init(_ characters: StaticString) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for character in characters.description.utf8 {
            if character < 64 {
                low |= 1 << UInt64(character)
            } else {
                high |= 1 << UInt64(character - 64)
            }
        }
        self.init(low: low, high: high)
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
    }

    func union(_ characters: StaticString) -> ASCIISet {
        let other = ASCIISet(characters)
        return ASCIISet(low: low | other.low, high: high | other.high)
    }

    func subtracting(_ characters: StaticString) -> ASCIISet {
        let other = ASCIISet(characters)
        return ASCIISet(low: low & ~other.low, high: high & ~other.high)
    }
}

extension ASCIISet {
    /// absolute-path of RFC 3986, section 3.3: pchar and slashes.
    static let path = ASCIISet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@%/"
    )
    /// query of RFC 3986, section 3.4, and what browsers leave as it is there (WHATWG URL, query percent-encode set).
    static let query = path.union("?[]{}|\\^`")
    /// What an authority is made of; its order is checked apart.
    static let authority = path.subtracting("/@").union("[]")
}
