/// The credential among those of a request that somebody looks for. Credentials are told by their form: what is not of
/// the form beside one that is, is somebody else's, a proxy's perhaps.
package enum BearerCredential {
    /// Nothing was given.
    case none
    /// Nothing that was given has the form.
    case malformed
    /// More than one has it: which is meant, nobody knows.
    case ambiguous
    case text(Substring)

    /// `takesRepeats`: the same one several times is one.
    package init(_ given: [Substring], takesRepeats: Bool = false, hasForm: (Substring) -> Bool) {
        var found: Substring?
        for text in given where hasForm(text) {
            if let found, !takesRepeats || !found.hasSameBytes(as: text) {
                self = .ambiguous
                return
            }
            found = text
        }
        self = found.map { .text($0) } ?? (given.isEmpty ? .none : .malformed)
    }
}

extension Headers {
    /// What follows `Bearer` and spaces in the authorization fields (RFC 6750, section 2.1); the scheme's case does not
    /// matter (RFC 9110, section 11.1). Some platforms make one field of several, apart by commas.
    package var bearerTokens: [Substring] {
        var tokens: [Substring] = []
        for field in fields where field.name == .authorization {
            var rest = field.value.string.utf8[...]
            while !rest.isEmpty {
                let part = rest.prefix { $0 != UInt8(ascii: ",") }
                rest = rest[part.endIndex...].dropFirst()
                let credential = part.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                if let token = Substring(credential).bearerToken { tokens.append(token) }
            }
        }
        return tokens
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
