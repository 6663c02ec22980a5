import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensAdmitFunction
import StreamTokensRedemption
import Support

/// An admit function on a store in memory with one organization, and short ways to call it as a proxy does.
struct AdmitFixture: Sendable {
    static let organization = "acme & söhne"
    static let secret = "what only the proxy knows"

    let store: MemoryTokenStore
    let time = ManualClock()
    let clock = SteppedClock()
    let events = Lock<[AdmitEvent]>([])
    let function: AdmitFunction
    private let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private let bits = SeededGenerator.bits(seed: 3)

    init(
        credits: Int? = nil,
        _ change: (inout AdmitOptions) throws -> Void = { _ in },
        wrap: (MemoryTokenStore) -> any TokenStore = { $0 }
    ) async throws {
        store = MemoryTokenStore { [time] in time.now }
        _ = await store.organization(named: Self.organization) { [tag] in tag }
        _ = await store.setCredits(credits, of: Self.organization)
        // It is not looked at.
        _ = await store.setMaxStreams(0, of: Self.organization)
        var options = AdmitOptions()
        try change(&options)
        function = AdmitFunction(
            store: wrap(store),
            clock: clock,
            randomBits: SeededGenerator.bits(seed: 2),
            options: options,
            report: { [events] event in events.withLock { $0.append(event) } }
        )
    }

    /// Mints a token, perhaps with a policy that is written as for `POST /api/v1/token`; returns its text.
    func mint(_ policy: String? = nil, ttl: Int = 60) async throws -> String {
        let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 4)).key
        try await store.addKey(key, limit: RateLimit(limit: 1_000_000, window: 1000))
        let (token, text) = StreamToken.random(tag: tag, bits)
        let read = try policy.flatMap { try MintRequest(reading: Array($0.utf8)).policy }
        guard case .minted = await store.mint(token, with: key, ttl: ttl, policy: read) else { throw NotMinted() }
        return text
    }

    struct NotMinted: Error {}

    /// One of the words live, reserved, used, revoked and unknown.
    func state(_ token: String) async -> String {
        guard let token = StreamToken(token) else { return "no token" }
        return switch await store.inspect(token).state {
        case .live: "live"
        case .reserved: "reserved"
        case .used: "used"
        case .revoked: "revoked"
        case .unknown: "unknown"
        }
    }

    /// The credits, those that are held, and the open streams.
    var counts: [Int?] {
        get async {
            let organization = await store.findOrganization(named: Self.organization)
            return [organization?.credits, organization?.held, organization?.open]
        }
    }

    /// What a proxy asks about a request.
    static func question(_ uri: String, method: String = "GET", _ headers: Headers = [:]) -> Request {
        var headers = headers
        headers["x-original-uri"] = Headers.Value(valid: uri)
        headers["x-original-method"] = Headers.Value(valid: method)
        return Request(path: AdmitFunction.path, headers: headers, id: "request")
    }

    /// The same of a proxy that shows the secret; `id` is the request's.
    static func question(_ uri: String, id: String, secret: String = secret) -> Request {
        question(uri, ["x-admit-secret": Headers.Value(valid: secret), .xRequestID: Headers.Value(valid: id)])
    }

    func ask(_ request: Request) async -> Response {
        await function.handle(request)
    }

    /// The status and the code of the response.
    func answer(_ request: Request) async throws -> String {
        let response = await ask(request)
        let text = String(decoding: try await response.body.collect(upTo: 10_000), as: UTF8.self)
        let code = text.firstMatch(of: /"success":false,"code":"([a-z_]+)"\}$/).map { " \($0.1)" }
        return "\(response.status)\(code ?? "")"
    }
}
