extension Headers.Value {
    /// What follows `Bearer` and spaces, if it is such a credential (RFC 6750, section 2.1); the scheme's case does not
    /// matter (RFC 9110, section 11.1).
    package var bearerToken: Substring? {
        var rest = string[...].utf8
        for letter in "bearer".utf8 {
            // The bit sets an ASCII letter apart from its capital.
            guard let byte = rest.popFirst(), byte | 0x20 == letter else { return nil }
        }
        guard rest.first == UInt8(ascii: " ") else { return nil }
        let token = rest.drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : Substring(token)
    }
}
