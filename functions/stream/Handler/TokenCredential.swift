import Function
import Tokens

/// The stream token that a request carries: in its query, as EventSource can send it, or as a bearer's.
///
/// Credentials are told by their form: what is no token's beside one is somebody else's, a proxy's perhaps.
enum TokenCredential {
    case none
    /// Why what was given cannot be a token, for the log.
    case unusable(String)
    case token(StreamToken)

    init(_ request: Request) {
        let bearers = request.headers.values(of: .authorization).flatMap(\.bearerTokens).map(String.init)
        let given = request.parameters.values(of: "token") + bearers
        let tokens = given.filter(StreamToken.hasForm)
        guard let first = tokens.first else {
            self = given.isEmpty ? .none : .unusable("malformed token")
            return
        }
        guard tokens.allSatisfy({ $0.hasSameBytes(as: first) }) else {
            self = .unusable("more than one token")
            return
        }
        self = StreamToken(first).map { .token($0) } ?? .unusable("malformed token")
    }
}
