import FunctionCore
import StreamTokens
import StreamTokensRedemption

/// What a token's policy makes of a request.
extension StreamRequest {
    /// The request as the policy allows it: with the locked variables, the user and the policy's limits. Throws what the
    /// policy refuses.
    func under(_ policy: Policy) throws(Refused) -> StreamRequest {
        try policy.check(workflow, received)
        var allowed = of(policy.user)
        allowed.variables = try variables.under(policy)
        allowed.opens = policy.opens
        allowed.maximum = policy.maxSeconds.map { .seconds($0) }
        allowed.resumeWindow = policy.resumeSeconds.map { .seconds($0) }
        allowed.origins = policy.origins ?? []
        return allowed
    }

    /// The same for events, of a token whose policy names `user`.
    func of(_ user: String?) -> StreamRequest {
        var known = self
        known.origin.user = user
        return known
    }
}
