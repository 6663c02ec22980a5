package import FunctionCore
package import StreamTokens
package import StreamTokensRedemption

/// An outcome of a proxy's question, at once or later: for metrics, the audit and the log. It holds no secret.
package struct AdmitEvent: Sendable {
    package let origin: RequestOrigin
    package let kind: Kind

    package enum Kind: Sendable {
        /// The token is used, its credit is charged, and the request may pass.
        case admitted(Reservation)
        /// The request may not pass. The token is nil if it had no well-formed one; `cause` is for the operator.
        case refused(StreamRefusal, StreamToken?, cause: String?)
        /// The store failed: the attempt may hold the token, or may have used it.
        case unsettled
        /// Such an attempt is released for certain; if `wasCommitting`, with its credit.
        case released(StreamToken, wasCommitting: Bool)
        /// The proxy does not do what it should.
        case proxyFault(ProxyFault)
    }

    /// The refusals that an admission can have.
    package static let refusals: [StreamRefusal] = [
        .originNotAllowed, .noToken, .unusableToken, .invalidToken, .tokenInUse, .noCredits, .storeUnavailable,
        .workflowNotAllowed, .clientGone, .reservationLost, .commitUnanswered,
    ]
}

/// A mistake in a proxy's settings, as its questions show it.
package enum ProxyFault: Hashable, Sendable, CustomStringConvertible {
    /// The field is not there, or empty.
    case missing(Headers.Name)
    /// ADMIT_SECRET is set, and the proxy shows none or another one.
    case wrongSecret

    package var description: String {
        switch self {
        case .missing(let field): "the proxy does not send \(field)"
        case .wrongSecret: "the proxy does not show ADMIT_SECRET in \(OriginalRequest.secretField)"
        }
    }
}

extension AdmitEvent.Kind {
    init(_ event: UnsettledAttempts.Event) {
        switch event {
        case .unsettled: self = .unsettled
        case .released(let token, let wasCommitting): self = .released(token, wasCommitting: wasCommitting)
        }
    }
}
