/// How many requests a key may make.
public struct RateLimit: Hashable, Sendable {
    /// The allowed limits. Their product with the windows stays far below 2^53, up to which Lua's numbers are exact.
    public static let limits = 1...1_000_000
    /// The allowed windows, in milliseconds: up to a day.
    public static let windows = 1...86_400_000

    /// Requests per window.
    public let limit: Int
    /// The window, in milliseconds.
    public let window: Int

    /// 10 requests in one second.
    public static let `default` = RateLimit(limit: 10, window: 1000)

    /// Stops the program if `limit` is not in ``limits`` or `window` not in ``windows``.
    public init(limit: Int, window: Int) {
        precondition(Self.limits.contains(limit) && Self.windows.contains(window), "no such limit: \(limit)/\(window)")
        self.limit = limit
        self.window = window
    }
}

/// The state of a key's rate limit after a call.
public struct Rate: Hashable, Sendable {
    /// Requests allowed per window.
    public let limit: Int
    /// Requests left in the window.
    public let remaining: Int
    /// Milliseconds until the next request is allowed; 0 if it is allowed now.
    public let retryAfter: Int

    public init(limit: Int, remaining: Int, retryAfter: Int) {
        self.limit = limit
        self.remaining = remaining
        self.retryAfter = retryAfter
    }
}

/// A sliding-window counter: the requests of this window and those of the previous one.
///
/// The requests of the last `window` milliseconds are estimated: this window's, plus a share of the previous one's, as
/// large as the part of that window that still lies inside. All arithmetic is in whole numbers, so that every store
/// agrees.
struct RateCounter: Hashable, Sendable {
    /// The number of this window, counted from 1970.
    private var window = 0
    private var count = 0
    private var before = 0

    /// Moves on to the window that contains `now` (milliseconds since 1970). If the clock was set back, counting starts
    /// again.
    mutating func advance(to now: Int, _ rate: RateLimit) {
        let current = now / rate.window
        guard current != window else { return }
        before = current == window + 1 ? count : 0
        count = 0
        window = current
    }

    /// Counts requests, up to a bound within which every store's arithmetic is exact.
    mutating func add(_ requests: Int) {
        count = min(count + requests, RateLimit.limits.upperBound)
    }

    /// The state of the limit at `now`, to which the counter must have been advanced.
    func rate(at now: Int, _ rate: RateLimit) -> Rate {
        let left = rate.window - now % rate.window
        // Rounded up: while a fraction of a request still counts, there is no room for a whole one.
        let used = count + (before * left + rate.window - 1) / rate.window
        guard used >= rate.limit else { return Rate(limit: rate.limit, remaining: rate.limit - used, retryAfter: 0) }
        return Rate(limit: rate.limit, remaining: 0, retryAfter: wait(left: left, rate))
    }

    /// Milliseconds until the estimate is at most the limit minus one; `left` is how much of this window remains.
    private func wait(left: Int, _ rate: RateLimit) -> Int {
        let room = rate.limit - 1
        // Until this window ends, only the previous one's weight falls.
        if count <= room { return left - (room - count) * rate.window / before }
        // After that, this window is the previous one, and its own weight falls.
        return left + rate.window - room * rate.window / count
    }
}
