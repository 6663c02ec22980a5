import FunctionEventLoop
package import FunctionRuntime
import LocalRuntimeConsole
public import StreamTokens

/// The store of a runtime's functions: its tokens, keys and organizations, for a test to prepare and look at.
public struct TestStore: Sendable {
    public typealias Base = TokenStore & Administration

    /// The store itself, with every operation.
    public var base: any Base { kept.administration }
    /// The clock for lifetimes, limits and leases.
    public let clock = TestClock()
    private let kept: LocalStore
    private let organizations = Lock<[String]>([])
    /// The thread of the connection of `base`.
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

    /// The store for a function on the context's loop.
    package func store(for context: LoopContext) -> any TokenStore {
        kept.store(for: context)
    }

    /// Makes an organization with a unique name. Nil `credits` are unlimited.
    public func makeOrganization(credits: Int? = nil, maxStreams: Int? = nil) async throws -> TestOrganization {
        let name = "test \(String(UInt64.random(in: 0 ... .max), radix: 36))"
        organizations.withLock { $0.append(name) }
        let organization = try await base.organization(named: name) { .random { .random(in: 0 ... .max) } }
        if let credits { _ = try await base.setCredits(credits, of: name) }
        if let maxStreams { _ = try await base.setMaxStreams(maxStreams, of: name) }
        return TestOrganization(name: name, tag: organization.tag, store: self)
    }

    /// The state of a stream token; nil if `text` is none.
    public func state(of text: String) async throws(StoreError) -> TokenState? {
        guard let token = StreamToken(text) else { return nil }
        return try await base.show(token)
    }

    /// Removes the organizations that were made here, and closes the connections.
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

    /// Makes a key that may be used `limit` times in a window, and returns its secret.
    public func makeKey(limit: Int = 1000, window: Duration = .seconds(1)) async throws -> String {
        let (key, secret) = APIKey.random(tag: tag) { .random(in: 0 ... .max) }
        try await store.base.addKey(key, limit: RateLimit(limit: limit, window: Interval(window).milliseconds))
        return secret
    }

    /// Its credits, those that are held, and its open streams.
    public func standing() async throws -> Organization {
        guard let organization = try await store.base.findOrganization(named: name) else {
            throw StoreError("the organization \(name) is gone", mayHaveBeenExecuted: false)
        }
        return organization
    }
}

/// A store's clock. It stands still until the test moves it forward, so that no test waits for an expiry.
public struct TestClock: Sendable {
    /// 2026-01-01T00:00:00Z. A window of any whole number of seconds up to a minute begins then.
    package static let start = 1_767_225_600_000

    private let time: Lock<Int>

    /// Starts this many seconds earlier.
    package init(secondsBefore: Int = 0) {
        time = Lock(Self.start - secondsBefore * 1000)
    }

    /// Milliseconds since 1970.
    public var now: Int { time.withLock { $0 } }

    /// Moves it forward, by whole milliseconds.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "the store's time does not go back")
        time.withLock { $0 += Interval(duration).milliseconds }
    }
}
