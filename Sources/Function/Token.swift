/// The characters of a token (RFC 9110, section 5.6.2), of which methods and field names are made.
package enum Token {
    /// tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
    @inline(__always)
    package static func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) & (1 << UInt64(byte & 63)) != 0
    }

    // One bit a character, so that a test is a shift and a mask.
    private static let low = bits(of: "!#$%&'*+-.0123456789", from: 0)
    private static let high = bits(of: "^_`|~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", from: 64)

    private static func bits(of characters: String, from base: UInt8) -> UInt64 {
        characters.utf8.reduce(0) { $0 | 1 << UInt64($1 - base) }
    }
}
