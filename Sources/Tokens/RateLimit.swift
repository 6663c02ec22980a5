/// How many requests a key may make.
public struct RateLimit: Hashable, Sendable {
    /// The limits and windows there are. Their product stays far below 2^53, up to where Lua's numbers are exact.
    public static let limits = 1...1_000_000
    /// From a millisecond to a day.
    public static let windows = 1...86_400_000

    /// Requests a window.
    public let limit: Int
    /// The window, in milliseconds.
    public let window: Int

    /// 10 in one second.
    public static let standard = RateLimit(limit: 10, window: 1000)

    /// Stops the program if `limit` is not in ``limits`` or `window` not in ``windows``.
    public init(limit: Int, window: Int) {
        precondition(Self.limits.contains(limit) && Self.windows.contains(window), "no such limit: \(limit)/\(window)")
        self.limit = limit
        self.window = window
    }
}
