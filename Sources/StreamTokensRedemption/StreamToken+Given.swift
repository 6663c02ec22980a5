package import FunctionCore
package import StreamTokens

extension StreamToken {
    /// The token among the credentials of a request. Several copies of one are one; two different ones are refused,
    /// because it is unclear which is meant.
    package static func credential(among given: [Substring]) -> BearerCredential {
        BearerCredential(given, takesRepeats: true, hasForm: hasForm)
    }

    /// The one token of a request.
    package init(_ credential: BearerCredential) throws(Refused) {
        if case .text(let text) = credential, let token = StreamToken(text) {
            self = token
            return
        }
        switch credential {
        case .none: throw Refused(.noToken, .noToken, cause: "no token given")
        case .ambiguous: throw Refused(.unusableToken, .invalidToken, cause: "more than one token")
        case .malformed, .text: throw Refused(.unusableToken, .invalidToken, cause: "malformed token")
        }
    }
}
