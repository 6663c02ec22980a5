import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

/// A stream function on a store in memory with one organization, and short ways to call it.
struct StreamFixture: Sendable {
    static let path = "/api/v1/run/chat/stream"

    let store: MemoryTokenStore
    let time: ManualClock
    let clock = SteppedClock()
    let events = Lock<[StreamEvent]>([])
    let function: StreamFunction
    private let tag = Tag.random(SeededGenerator.bits(seed: 1))
    private let bits = SeededGenerator.bits(seed: 3)

    init(
        _ workflow: any Workflow = ScriptedWorkflow("a", "b"),
        options: StreamOptions = StreamOptions(),
        credits: Int? = nil,
        maxStreams: Int? = nil,
        time: ManualClock = ManualClock(),
        wrap: (MemoryTokenStore) -> any TokenStore = { $0 },
        runs: (MemoryTokenStore) -> any RunStore = { $0 }
    ) async throws {
        self.time = time
        store = MemoryTokenStore { time.now }
        _ = await store.organization(named: "acme") { [tag] in tag }
        _ = await store.setCredits(credits, of: "acme")
        if let maxStreams { _ = await store.setMaxStreams(maxStreams, of: "acme") }
        function = StreamFunction(
            store: wrap(store),
            runs: runs(store),
            workflow: workflow,
            clock: clock,
            randomBits: SeededGenerator.bits(seed: 2),
            options: options,
            report: { [events] event in events.withLock { $0.append(event) } }
        )
    }

    /// The codes of the streams that ended early.
    var earlyEnds: [String] {
        events.withLock { events in
            events.compactMap { if case .ended(let early?, _, _) = $0.kind { early.rawValue } else { nil } }
        }
    }

    /// Mints a token, with a policy as its back end writes it; returns its text.
    func mint(ttl: Int = 60, policy: String = "{}") async throws -> String {
        let key = APIKey.random(tag: tag, SeededGenerator.bits(seed: 4)).key
        try await store.addKey(key, limit: RateLimit(limit: 1_000_000, window: 1000))
        let (token, text) = StreamToken.random(tag: tag, bits)
        let policy = try MintRequest(reading: Array(policy.utf8)).policy
        guard case .minted = await store.mint(token, with: key, ttl: ttl, policy: policy) else { throw NotMinted() }
        return text
    }

    struct NotMinted: Error {}

    func state(_ token: String) async throws -> TokenState {
        await store.show(try #require(StreamToken(token)))
    }

    func isLive(_ token: String) async throws -> Bool {
        if case .live = try await state(token) { true } else { false }
    }

    func isUsed(_ token: String) async throws -> Bool {
        if case .used = try await state(token) { true } else { false }
    }

    var organization: Organization {
        get async throws { try #require(await store.findOrganization(named: "acme")) }
    }

    /// The organization's credits, and how many are held and open.
    var counts: [Int?] {
        get async throws {
            let organization = try await self.organization
            return [organization.credits, organization.held, organization.open]
        }
    }

    /// A POST with a token in its query.
    static func post(
        _ token: String?,
        _ body: String = "",
        path: String = path,
        headers: Headers = [:]
    ) -> Request {
        Request(
            method: .post,
            path: path,
            query: token.map { "token=\($0)" },
            headers: headers,
            body: .text(body),
            id: "request"
        )
    }

    func ask(_ request: Request) async -> CollectedResponse {
        let response = await function.handle(request)
        let writer = RecordingWriter()
        do {
            try await response.body.write(to: writer)
        } catch {
            return CollectedResponse(response, text: await writer.text, isBrokenOff: true)
        }
        return CollectedResponse(response, text: await writer.text, isBrokenOff: false)
    }
}

/// A response with its whole body.
struct CollectedResponse: Sendable {
    let status: Int
    let headers: Headers
    let text: String
    let isBrokenOff: Bool
    let cause: String?

    init(_ response: Response, text: String, isBrokenOff: Bool) {
        status = response.status.code
        headers = response.headers
        self.text = text
        self.isBrokenOff = isBrokenOff
        cause = response.cause
    }

    /// The code at the end of the body's JSON.
    var code: String? {
        text.firstMatch(of: /"success":false,"code":"([a-z_]+)"\}$/).map { String($0.1) }
    }
}

/// Keeps the bytes that are written.
actor RecordingWriter: BodyWriter {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    struct Full: Error {}

    /// Beyond `limit` bytes, writing throws as if the client had gone.
    init(limit: Int = .max) {
        self.limit = limit
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ chunk: [UInt8]) throws {
        guard bytes.count + chunk.count <= limit else { throw Full() }
        bytes += chunk
    }
}
