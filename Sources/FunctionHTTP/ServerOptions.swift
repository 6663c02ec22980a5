public import FunctionEventLoop

/// What a server bears with.
public struct ServerOptions: Sendable {
    /// The longest body it takes, in bytes.
    public var bodyLimit = 1 << 20
    /// Connections open at once. From seven eighths of it on, those that wait for their clients make room for new ones;
    /// where all are busy, further ones wait in the kernel's queue.
    public var connectionLimit = 16_384
    /// Requests whose handlers run at once; further ones are refused. Neither a handler that waits for its request's body
    /// counts, nor a body that is being streamed.
    public var requestLimit = 1024
    /// Requests that wait for their bodies at once; at one more, the one that has waited longest is refused with 408.
    public var waitingBodyLimit = 1024
    /// Bytes of bodies that handlers hold at once; over it, the one that has waited longest is refused with 408.
    public var bodyBudget = 64 << 20
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
    public var acceptGrace = Interval.milliseconds(5)
    /// From the end of accepting to the end of idle connections: for requests that are on their way.
    public var idleGrace = Interval.milliseconds(100)

    /// From the cancelling of what is left when draining ends to its being cut off: for a stream to say that it ends.
    public var cancelGrace = Interval.milliseconds(500)

    public init() {}

    var crowdLimits: Crowd.Limits {
        Crowd.Limits(
            connections: connectionLimit,
            requests: requestLimit,
            bodies: waitingBodyLimit,
            // Else the largest body could never be taken.
            bytes: max(bodyBudget, bodyLimit)
        )
    }
}
