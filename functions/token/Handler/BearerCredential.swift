import Function

/// What a request's authorization fields carry (RFC 6750, section 2.1).
enum BearerCredential {
    /// No authorization, another scheme's, or the scheme's name alone.
    case none
    case token(Substring)
    /// More than one field: which is meant, nobody knows.
    case ambiguous

    init(_ headers: Headers) {
        var found: String?
        for field in headers.fields where field.name == .authorization {
            guard found == nil else {
                self = .ambiguous
                return
            }
            found = field.value.string
        }
        guard let found else {
            self = .none
            return
        }
        self = Self.token(in: found).map { .token($0) } ?? .none
    }

    /// What follows `Bearer` and spaces; the scheme's case does not matter (RFC 9110, section 11.1).
    private static func token(in value: String) -> Substring? {
        var rest = value[...].utf8
        for letter in "bearer".utf8 {
            // The bit sets an ASCII letter apart from its capital.
            guard let byte = rest.popFirst(), byte | 0x20 == letter else { return nil }
        }
        guard rest.first == UInt8(ascii: " ") else { return nil }
        let token = rest.drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : Substring(token)
    }
}
