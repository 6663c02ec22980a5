public import EventLoop

/// What a server bears with.
public struct ServerOptions: Sendable {
    /// The longest body it takes, in bytes.
    public var bodyLimit = 1 << 20
    /// Connections open at once; further ones wait in the kernel's queue.
    public var connectionLimit = 16_384
    /// Requests whose handlers run at once; further ones are refused. A body that is being streamed does not count.
    public var requestLimit = 1024
    /// From a request's first byte to the end of its head.
    public var headTimeout = Interval.seconds(10)
    /// From a request's head to the end of its body.
    public var bodyTimeout = Interval.seconds(30)
    /// Between two requests of a connection.
    public var idleTimeout = Interval.seconds(75)
    /// Without the client taking a byte of the response.
    public var writeTimeout = Interval.seconds(30)
    /// From the last handshake that is begun to the end of accepting: for those that are under way. Who connects
    /// meanwhile is refused a second later, so it is no longer than a few round trips within a data centre.
    public var handshakes = Interval.milliseconds(5)
    /// From the end of accepting to the end of idle connections: for requests that are on their way.
    public var lastCall = Interval.milliseconds(100)

    /// From the cancelling of what is left when draining ends to its being cut off: for a stream to say that it ends.
    public var farewell = Interval.milliseconds(500)

    public init() {}
}
