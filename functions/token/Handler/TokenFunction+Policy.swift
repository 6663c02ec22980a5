import FunctionCore
import StreamTokens

/// `POST /api/v1/token`: the token carries a policy, which nobody who opens its stream can change.
extension TokenFunction {
    /// Mints a token with the policy in the body. A part of a policy in the query is refused, not dropped in silence.
    func mintWithPolicy(_ request: Request, _ key: APIKey) async -> Response {
        let mint: MintRequest
        do {
            let body = try await request.body.collect(upTo: MintRequest.sizeLimit)
            mint = try MintRequest(reading: body, clampsTTL: ttlPolicy == .clamp)
        } catch let error as PolicyError {
            return refuse(request, key, error.description, cause: error.cause)
        } catch is Body.TooLarge {
            let reason = "the body has more than \(MintRequest.sizeLimit) bytes"
            return refuse(request, key, reason, cause: reason)
        } catch {
            let reason = "the body could not be read"
            return refuse(request, key, reason, cause: reason)
        }
        if request.query != nil, let member = request.parameters.policyMember() {
            return refuse(request, key, inQuery: member)
        }
        return await self.mint(request, key, ttl: mint.ttl ?? TTLPolicy.defaultTTL, policy: mint.policy)
    }

    func refuse(_ request: Request, _ key: APIKey, inQuery member: PolicyMember) -> Response {
        let reason = "the query names \(member.rawValue); send a policy as JSON by POST"
        return refuse(request, key, reason, cause: "\(member.rawValue) in the query")
    }

    /// `reason` may hold names that were sent; `cause`, which is for the log, does not.
    private func refuse(_ request: Request, _ key: APIKey, _ reason: String, cause: String) -> Response {
        refuse(request, .invalidPolicy, .invalidPolicy(reason), key, cause: "invalid policy: \(cause)")
    }
}

extension Parameters {
    /// The first policy's member that they name, other than `known`.
    func policyMember(besides known: PolicyMember? = nil) -> PolicyMember? {
        all.lazy.compactMap { PolicyMember(exactly: $0.name) }.first { $0 != known }
    }
}
