public import EventLoop
public import TLS

/// How many connections a client keeps for its next requests, and for how long; and whom it trusts.
public struct ClientOptions: Sendable {
    /// Idle connections kept for each origin.
    public var idleLimit = 64
    /// How long one is kept idle: common servers close theirs after five seconds, and a request that crosses with that
    /// is lost.
    public var idleTimeout = Interval.seconds(4)
    /// For `https`.
    public var tls = TLSContext.system

    public init() {}
}
