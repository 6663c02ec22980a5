public import FunctionEventLoop
public import StreamTokens
import Testing

/// A store under test, its clock, and short ways to make a test's data in it.
///
/// The organizations of every fixture have their own names and tags, so that tests can share a server.
public struct StoreFixture: Sendable {
    public typealias Store = TokenStore & Administration

    public let store: any Store
    public let clock: ManualClock
    public let bits: RandomBits
    /// The loop of the store's client; nil if it has none.
    let loop: EventLoop?

    public init(_ store: any Store, _ clock: ManualClock, on loop: EventLoop? = nil) {
        self.store = store
        self.clock = clock
        self.loop = loop
        bits = { .random(in: 0 ... .max) }
    }

    /// A new organization with a key.
    public func tenant(
        credits: Int? = nil,
        maxStreams: Int? = nil,
        limit: RateLimit = RateLimit(limit: 1000, window: 1000)
    ) async throws -> Tenant {
        let name = "organization \(bits())"
        let organization = try await store.organization(named: name) { [bits] in .random(bits) }
        if let credits { #expect(try await store.setCredits(credits, of: name)) }
        if let maxStreams { #expect(try await store.setMaxStreams(maxStreams, of: name)) }
        let key = APIKey.random(tag: organization.tag, bits).key
        try await store.addKey(key, limit: limit)
        return Tenant(fixture: self, name: name, tag: organization.tag, key: key)
    }

    public func attempt() -> Attempt { .random(bits) }
}

/// An organization under test.
public struct Tenant: Sendable {
    /// The lease of a stream function that waits 30 s for the first byte.
    public static let lease = 35_000

    let fixture: StoreFixture
    public let name: String
    public let tag: StreamTokens.Tag
    public let key: APIKey
    var store: any StoreFixture.Store { fixture.store }

    public func newToken() -> StreamToken {
        StreamToken.random(tag: tag, fixture.bits).token
    }

    /// A live token.
    public func mint(ttl: Int = 60) async throws -> StreamToken {
        let token = newToken()
        guard case .minted = try await store.mint(token, with: key, ttl: ttl) else {
            throw Refused(description: "no token was minted")
        }
        return token
    }

    /// The outcomes of mints at once.
    func mintAtOnce(_ tokens: [StreamToken], ttl: Int = 60) async throws -> [MintOutcome] {
        try await SimultaneousMints(tokens, with: key, ttl: ttl).outcomes(on: store, fixture.loop)
    }

    /// Reserves the token; returns the stream that opens with the commit.
    public func reserve(
        _ token: StreamToken,
        for attempt: Attempt,
        lease: Int = lease
    ) async throws -> OpenStream {
        guard case .reserved(let reservation) = try await store.reserve(token, for: attempt, lease: lease) else {
            throw Refused(description: "the token was not reserved")
        }
        return reservation.stream
    }

    /// Reserves and commits the token; returns the stream.
    public func open(_ token: StreamToken, for attempt: Attempt) async throws -> OpenStream {
        let stream = try await reserve(token, for: attempt)
        guard try await store.commit(token, for: attempt) == .committed else {
            throw Refused(description: "the commit was lost")
        }
        return stream
    }

    /// The organization and its current counts.
    public func state() async throws -> Organization {
        guard let organization = try await store.findOrganization(named: name) else {
            throw Refused(description: "the organization is gone")
        }
        return organization
    }

    struct Refused: Error {
        let description: String
    }
}
