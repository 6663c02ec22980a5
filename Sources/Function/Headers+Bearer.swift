extension Headers.Value {
    /// What follows `Bearer` and spaces, if it is such a credential (RFC 6750, section 2.1); the scheme's case does not
    /// matter (RFC 9110, section 11.1).
    package var bearerToken: Substring? {
        string[...].bearerToken
    }

    /// The bearers' tokens among several credentials, apart by commas: some platforms make one field of several.
    package var bearerTokens: [Substring] {
        guard string.utf8.contains(UInt8(ascii: ",")) else { return bearerToken.map { [$0] } ?? [] }
        return string.utf8.split(separator: UInt8(ascii: ",")).compactMap {
            Substring($0.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }).bearerToken
        }
    }
}

extension Substring {
    fileprivate var bearerToken: Substring? {
        var rest = utf8[...]
        for letter in "bearer".utf8 {
            // The bit sets an ASCII letter apart from its capital.
            guard let byte = rest.popFirst(), byte | 0x20 == letter else { return nil }
        }
        guard rest.first == UInt8(ascii: " ") else { return nil }
        let token = rest.drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : Substring(token)
    }
}
