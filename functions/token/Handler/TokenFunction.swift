public import Function
public import Tokens

/// `GET /api/v1/token`: mints a stream token for whoever has an API key.
public struct TokenFunction: Sendable {
    /// Where the function answers.
    public static let path = "/api/v1/token"

    /// Whether the function answers at that path, if only that there is a slash behind it.
    public static func answers(at path: String) -> Bool {
        path == Self.path || path.withoutSlashesBehind?.hasSameBytes(as: Self.path) == true
    }

    private let store: any TokenStore
    private let randomBits: RandomBits
    private let ttlPolicy: TTLPolicy
    private let report: Report?

    /// Told of what came of a request; it must not block.
    public typealias Report = @Sendable (TokenEvent, Request) -> Void

    public init(
        store: any TokenStore,
        randomBits: @escaping RandomBits,
        ttlPolicy: TTLPolicy = .strict,
        report: Report? = nil
    ) {
        self.store = store
        self.randomBits = randomBits
        self.ttlPolicy = ttlPolicy
        self.report = report
    }

    /// Answers a request. All that can be checked without the store is checked before it is asked.
    public func handle(_ request: Request) async -> Response {
        guard request.path == Self.path else { return Self.notFound(at: request.path) }
        guard request.method == .get else { return Self.errorResponse(.methodNotAllowed, "method_not_allowed") }
        let key: APIKey
        switch BearerCredential(request.headers) {
        case .none: return unauthorized(request, .noKey, cause: "no key given")
        case .ambiguous: return unauthorized(request, .unusableKey, cause: "more than one authorization field")
        case .token(let text):
            guard let read = APIKey(text) else { return unauthorized(request, .unusableKey, cause: "malformed key") }
            key = read
        }
        guard let ttl = ttlPolicy.ttl(from: request.query == nil ? [] : request.parameters.values(of: "ttl")) else {
            report?(.refused(.invalidTTL, key), request)
            return Answer.invalidTTL()
        }
        let (token, text) = StreamToken.random(tag: key.tag, randomBits)
        do {
            switch try await store.mint(token, with: key, ttl: ttl) {
            case .minted(let rate):
                report?(.minted(token, with: key, ttl: ttl), request)
                return Answer.minted(text, ttl: ttl, rate)
            case .unauthorized:
                return unauthorized(request, .unknownKey, key, cause: "unknown or disabled key \(key.id)")
            case .limited(let rate):
                report?(.refused(.rateLimited, key), request)
                return Answer.limited(rate, cause: "key \(key.id) is over its limit")
            case .noCredits(let rate):
                report?(.refused(.noCredits, key), request)
                return Answer.noCredits(rate, cause: "no credits for key \(key.id)")
            }
        } catch {
            report?(.refused(.storeUnavailable, key), request)
            return Answer.failed(cause: error.description)
        }
    }

    private func unauthorized(
        _ request: Request,
        _ refusal: MintRefusal,
        _ key: APIKey? = nil,
        cause: String
    ) -> Response {
        report?(.refused(refusal, key), request)
        return Answer.unauthorized(credentialGiven: refusal != .noKey, cause: cause)
    }
}
