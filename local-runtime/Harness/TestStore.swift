import FunctionEventLoop
package import FunctionRuntime
import LocalRuntimeConsole
public import StreamTokens

/// Where a runtime's functions keep tokens, keys and organizations: what a test arranges and looks at.
public struct TestStore: Sendable {
    public typealias Base = TokenStore & Administration

    /// All that can be done to a store.
    public var base: any Base { kept.administration }
    /// The time that lifetimes, limits and leases go by.
    public let clock = TestClock()
    private let kept: LocalStore
    private let organizations = Lock<[String]>([])
    /// Where `base` has its connection.
    private let thread: LoopThread

    package init(_ location: LocalRuntime.StoreLocation, on thread: LoopThread) {
        self.thread = thread
        let server: RedisLocation.Server? =
            switch location {
            case .memory: nil
            case .redis(let url): RedisLocation.Server(url: url, text: "")
            }
        kept = LocalStore(server, on: thread.loop) { [clock] in clock.now }
    }

    /// The store as a function on the context's loop uses it.
    package func store(for context: LoopContext) -> any TokenStore {
        kept.store(for: context)
    }

    /// Makes an organization of a name of its own; `credits` of nil are unlimited.
    public func makeOrganization(credits: Int? = nil, maxStreams: Int? = nil) async throws -> TestOrganization {
        let name = "test \(String(UInt64.random(in: 0 ... .max), radix: 36))"
        organizations.withLock { $0.append(name) }
        let organization = try await base.organization(named: name) { .random { .random(in: 0 ... .max) } }
        if let credits { _ = try await base.setCredits(credits, of: name) }
        if let maxStreams { _ = try await base.setMaxStreams(maxStreams, of: name) }
        return TestOrganization(name: name, tag: organization.tag, store: self)
    }

    /// What a stream token is now; nil if `text` is none.
    public func state(of text: String) async throws(StoreError) -> TokenState? {
        guard let token = StreamToken(text) else { return nil }
        return try await base.show(token)
    }

    /// Removes what was made here, and closes the connections.
    package func close() async throws {
        let names = kept.redis == nil ? [] : organizations.withLock { $0 }
        var failure: (any Error)?
        for name in names {
            do { try await base.removeOrganization(named: name) } catch { failure = error }
        }
        await kept.close()
        if let failure { throw failure }
    }
}

/// An organization that a test has made.
public struct TestOrganization: Sendable {
    public let name: String
    public let tag: Tag
    let store: TestStore

    /// Makes a key, and answers its secret. It may be used `limit` times in a window.
    public func makeKey(limit: Int = 1000, window: Duration = .seconds(1)) async throws -> String {
        let (key, secret) = APIKey.random(tag: tag) { .random(in: 0 ... .max) }
        try await store.base.addKey(key, limit: RateLimit(limit: limit, window: Interval(window).milliseconds))
        return secret
    }

    /// How it stands: its credits, those that are held, and its open streams.
    public func standing() async throws -> Organization {
        guard let organization = try await store.base.findOrganization(named: name) else {
            throw StoreError("the organization \(name) is gone", mayHaveBeenExecuted: false)
        }
        return organization
    }
}

/// The time that a store goes by. It stands still until the test moves it on: an expiry needs no waiting.
public struct TestClock: Sendable {
    /// 2026-01-01T00:00:00Z, where a window of any whole number of seconds up to a minute begins.
    package static let start = 1_767_225_600_000

    private let time: Lock<Int>

    /// Begins so many seconds before.
    package init(secondsBefore: Int = 0) {
        time = Lock(Self.start - secondsBefore * 1000)
    }

    /// Milliseconds since 1970.
    public var now: Int { time.withLock { $0 } }

    /// Moves it on, by whole milliseconds.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "the store's time does not go back")
        time.withLock { $0 += Interval(duration).milliseconds }
    }
}
