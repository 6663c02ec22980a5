package import FunctionCore
package import StreamTokens

/// `GET /api/v1/token`: mints a stream token for a caller with an API key. With POST the token carries a policy.
package struct TokenFunction: Sendable {
    package static let path = "/api/v1/token"

    /// Whether a path is the function's, also with slashes at its end, which get a 404 that says so.
    package static func serves(_ path: String) -> Bool {
        path == Self.path || path.withoutSlashesBehind?.hasSameBytes(as: Self.path) == true
    }

    private let store: any TokenStore
    private let randomBits: RandomBits
    let ttlPolicy: TTLPolicy
    private let report: Report?
    private let keys: KeyCache?

    /// Receives the outcome of each request; must not block.
    package typealias Report = @Sendable (TokenEvent, Request) -> Void

    /// With `keys`, all requests must be handled on one thread.
    package init(
        store: any TokenStore,
        randomBits: @escaping RandomBits,
        ttlPolicy: TTLPolicy = .strict,
        report: Report? = nil,
        keys: KeyCache? = nil
    ) {
        self.store = store
        self.randomBits = randomBits
        self.ttlPolicy = ttlPolicy
        self.report = report
        self.keys = keys
    }

    /// Responds to a request. It checks everything that needs no store before it calls the store.
    package func handle(_ request: Request) async -> Response {
        guard request.path == Self.path else {
            return Self.serves(request.path)
                ? HTTPError.slashBehind(Self.path).response() : HTTPError.notFound.response()
        }
        let isGet = request.method == .get
        guard isGet || request.method == .post else { return HTTPError.wrongMethod.response() }
        let credential = BearerCredential(request.headers.bearerTokens, hasForm: APIKey.hasForm)
        guard case .text(let text) = credential, let key = key(text) else {
            switch credential {
            case .none: return refuse(request, .noKey, .noKey, cause: "no key given")
            case .ambiguous:
                return refuse(request, .unusableKey, .invalidKey, cause: "more than one authorization field")
            case .malformed, .text: return refuse(request, .unusableKey, .invalidKey, cause: "malformed key")
            }
        }
        guard isGet else { return await mintWithPolicy(request, key) }
        let parameters = request.query == nil ? nil : request.parameters
        let lifetimes = parameters?.values(of: "ttl") ?? []
        guard let ttl = ttlPolicy.ttl(from: lifetimes) else { return refuse(request, .invalidTTL, .invalidTTL, key) }
        // Only a query with other parameters is looked at again.
        if let parameters, parameters.all.count > lifetimes.count, let member = parameters.policyMember(besides: .ttl) {
            return refuse(request, key, inQuery: member)
        }
        return await mint(request, key, ttl: ttl)
    }

    /// Mints a token, with the policy of a POST.
    func mint(_ request: Request, _ key: APIKey, ttl: Int, policy: Policy? = nil) async -> Response {
        let (token, secret) = StreamToken.random(tag: key.tag, randomBits)
        do {
            switch try await store.mint(token, with: key, ttl: ttl, policy: policy) {
            case .minted(let rate):
                report?(.minted(token, with: key, ttl: ttl, user: policy?.user), request)
                return MintResponse.minted(secret, ttl: ttl, rate)
            case .unauthorized:
                return refuse(request, .unknownKey, .invalidKey, key, cause: "unknown or disabled key \(key.id)")
            case .policyRequired:
                return refuse(request, .policyRequired, .policyRequired, key, cause: "key \(key.id) requires a policy")
            case .limited(let rate):
                return refuse(request, .rateLimited, .rateLimited, key, rate, cause: "key \(key.id) is over its limit")
            case .noCredits(let rate):
                return refuse(request, .noCredits, .noCredits, key, rate, cause: "no credits for key \(key.id)")
            }
        } catch {
            return refuse(request, .storeUnavailable, .mintFailed, key, cause: error.description)
        }
    }

    private func key(_ text: Substring) -> APIKey? {
        if let keys { keys.key(text) } else { APIKey(text) }
    }

    func refuse(
        _ request: Request,
        _ refusal: MintRefusal,
        _ error: HTTPError,
        _ key: APIKey? = nil,
        _ rate: Rate? = nil,
        cause: String? = nil
    ) -> Response {
        report?(.refused(refusal, key), request)
        var response = error.response(cause: cause)
        if let rate { response.tell(rate) }
        return response
    }
}
