import FunctionCore
import StreamTokens

/// What a token's policy makes of a request.
extension StreamRequest {
    /// The request as the policy allows it: with the locked variables, the user and the policy's limits. Throws what the
    /// policy refuses.
    func under(_ policy: Policy) throws(Refused) -> StreamRequest {
        if let workflows = policy.workflows, !workflows.contains(where: { $0.hasSameBytes(as: workflow) }) {
            throw Refused(.workflowNotAllowed, .workflowNotAllowed)
        }
        if let origins = policy.origins, !received.comes(from: origins) {
            throw Refused(.originNotAllowed, .originNotNamed, cause: "an origin that the token's policy does not name")
        }
        var allowed = of(policy.user)
        allowed.variables = try variables.under(policy)
        allowed.opens = policy.opens
        allowed.maximum = policy.maxSeconds.map { .seconds($0) }
        return allowed
    }

    /// The same for events, of a token whose policy names `user`.
    func of(_ user: String?) -> StreamRequest {
        var known = self
        known.origin.user = user
        return known
    }
}
