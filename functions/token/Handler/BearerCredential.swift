import Function

/// What a request's authorization fields carry (RFC 6750, section 2.1).
enum BearerCredential {
    /// No authorization, another scheme's, or the scheme's name alone.
    case none
    case token(Substring)
    /// More than one field: which is meant, nobody knows.
    case ambiguous

    init(_ headers: Headers) {
        var found: Headers.Value?
        for field in headers.fields where field.name == .authorization {
            guard found == nil else {
                self = .ambiguous
                return
            }
            found = field.value
        }
        guard let found else {
            self = .none
            return
        }
        self = found.bearerToken.map { .token($0) } ?? .none
    }
}
