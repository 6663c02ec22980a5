public import EventLoop
public import HTTP

/// How the runtime serves: the settings that every function has.
public struct RuntimeOptions: Sendable {
    /// The address to listen on, numeric.
    public var host = "0.0.0.0"
    public var port = 8080
    /// How many loops to run, one thread each; nil: as many as there are cores to use.
    public var loops: Int?
    public var logLevel = LogLevel.info
    /// How long connections are still accepted after SIGTERM.
    public var drain = Interval.seconds(0)
    /// How long what is under way may still take after SIGTERM.
    public var grace = Interval.seconds(8)
    public var server = ServerOptions()

    public init() {}

    /// Reads PORT, HOST, LOOPS, LOG_LEVEL, DRAIN_SECONDS, GRACE_SECONDS, MAX_CONNECTIONS and MAX_REQUESTS.
    public init(_ settings: inout Settings) {
        port = settings.integer("PORT", in: 0...65_535, default: port, "port to listen on; 0 picks a free one")
        if let host = settings.text("HOST", default: host, "address to listen on") {
            if SocketAddress(ip: host, port: 0) == nil {
                settings.reject("HOST", "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"\(host)\"")
            }
            self.host = host
        }
        loops = settings.integer("LOOPS", in: 1...1024, default: "cores", "event loops, a thread each")
        logLevel = settings.choice("LOG_LEVEL", default: logLevel, "debug, info (a line a request), warning, error")
        drain = .seconds(
            settings.integer("DRAIN_SECONDS", in: 0...3600, default: 0, "how long to accept after SIGTERM")
        )
        grace = .seconds(
            settings.integer("GRACE_SECONDS", in: 0...3600, default: 8, "what is under way may take after SIGTERM")
        )
        server.connectionLimit = settings.integer(
            "MAX_CONNECTIONS",
            in: 1...1_000_000,
            default: server.connectionLimit,
            "connections at once; further ones wait"
        )
        server.requestLimit = settings.integer(
            "MAX_REQUESTS",
            in: 1...1_000_000,
            default: server.requestLimit,
            "requests at once; further ones get 503"
        )
    }
}
