import Function
import Tokens

/// What a request's authorization fields carry (RFC 6750, section 2.1).
///
/// Credentials are told by their form: what is no key's beside a key is somebody else's, a proxy's perhaps.
enum BearerCredential {
    /// No authorization, another scheme's, or the scheme's name alone.
    case none
    /// A key, or what is none where no key is.
    case token(Substring)
    /// More than one key: which is meant, nobody knows.
    case ambiguous

    init(_ headers: Headers) {
        var key: Substring?
        var other: Substring?
        for field in headers.fields where field.name == .authorization {
            for token in field.value.bearerTokens {
                guard APIKey.hasForm(token) else {
                    other = other ?? token
                    continue
                }
                guard key == nil else {
                    self = .ambiguous
                    return
                }
                key = token
            }
        }
        self = (key ?? other).map { .token($0) } ?? .none
    }
}
