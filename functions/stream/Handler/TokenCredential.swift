import Function
import Tokens

/// The stream token that a request carries: in its query, as EventSource can send it, or as a bearer's.
enum TokenCredential {
    case none
    /// Why what was given cannot be a token, for the log.
    case unusable(String)
    case token(StreamToken)

    init(_ request: Request) {
        // Another scheme's credential is somebody else's, a proxy's perhaps.
        let bearers = request.headers.values(of: .authorization).compactMap { $0.bearerToken.map(String.init) }
        let given = request.parameters.values(of: "token") + bearers
        guard let first = given.first else {
            self = .none
            return
        }
        guard given.allSatisfy({ $0.hasSameBytes(as: first) }) else {
            self = .unusable("more than one token")
            return
        }
        self = StreamToken(first).map { .token($0) } ?? .unusable("malformed token")
    }
}
