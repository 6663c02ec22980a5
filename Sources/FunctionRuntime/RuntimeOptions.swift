package import FunctionEventLoop
package import FunctionHTTP

/// How the runtime serves: the settings that every function has.
package struct RuntimeOptions: Sendable {
    /// How the platform is spoken with.
    package var contract = ContractChoice(.http, because: "nothing else was said")
    /// The address to listen on, numeric.
    package var host = "0.0.0.0"
    package var port = 8080
    /// Where to listen instead under Fn's contract.
    var fnSocket: FnSocket?
    /// How to run instead under Lambda's contract.
    var lambda: LambdaOptions?
    /// What is taken off paths.
    var pathPrefix: PathPrefix?
    /// How many loops to run, one thread each; nil: as many as there are cores to use.
    package var loops: Int?
    package var logLevel = LogLevel.info
    /// Whether it is logged who was given, or refused, what.
    package var audit = Log.Audit.on
    /// The port to answer `/metrics` on; nil: nothing is counted.
    package var metricsPort: Int?
    /// How long connections are still accepted after SIGTERM.
    package var drain = Interval.seconds(0)
    /// How long what is under way may still take after SIGTERM.
    package var grace = Interval.seconds(8)
    package var server = ServerOptions()

    package init() {}

    /// Reads FUNCTION_CONTRACT, LAMBDA_INVOKE_MODE and what the platforms set, PORT, HOST, PATH_PREFIX, LOOPS, LOG_LEVEL,
    /// AUDIT_LOG, METRICS_PORT, DRAIN_SECONDS, GRACE_SECONDS, MAX_CONNECTIONS and MAX_REQUESTS.
    package init(_ settings: inout Settings) {
        contract = ContractChoice(&settings)
        let invokeMode = settings.choice(
            "LAMBDA_INVOKE_MODE",
            default: LambdaOptions.InvokeMode.buffered,
            "on Lambda: buffered or response_stream, as the function URL's InvokeMode"
        )
        if contract.contract == .lambda { lambda = LambdaOptions(&settings, streams: invokeMode == .responseStream) }
        readPlace(&settings)
        pathPrefix = PathPrefix(&settings)
        loops = settings.integer("LOOPS", in: 1...1024, default: "cores", "event loops, a thread each")
        logLevel = settings.choice("LOG_LEVEL", default: logLevel, "debug, info (a line a request), warning, error")
        audit = settings.choice("AUDIT_LOG", default: audit, "on, or off: who was given or refused what, a line each")
        readMetricsPort(&settings)
        drain = .seconds(
            settings.integer(
                "DRAIN_SECONDS",
                in: 0...3600,
                default: HTTPContract.drainSeconds(settings),
                "how long to accept after SIGTERM (5 on Knative and OpenFaaS)"
            )
        )
        grace = .seconds(
            settings.integer("GRACE_SECONDS", in: 0...3600, default: 8, "what is under way may take after SIGTERM")
        )
        server.connectionLimit = settings.integer(
            "MAX_CONNECTIONS",
            in: 1...1_000_000,
            default: server.connectionLimit,
            "connections at once; the longest idle make room"
        )
        server.requestLimit = settings.integer(
            "MAX_REQUESTS",
            in: 1...1_000_000,
            default: server.requestLimit,
            "requests at once; further ones get 503"
        )
        server.waitingBodyLimit = server.requestLimit
    }

    private mutating func readMetricsPort(_ settings: inout Settings) {
        metricsPort = settings.integer(
            "METRICS_PORT",
            in: 0...65_535,
            default: "none",
            "port to answer /metrics on, for Prometheus; 0 picks a free one"
        )
        guard let metricsPort else { return }
        switch contract.contract {
        case .http, .azure:
            if metricsPort == port, port != 0 { settings.reject("METRICS_PORT", "must be another port than PORT") }
        case .lambda, .fn:
            settings.reject(
                "METRICS_PORT",
                "must not be set under the contract \(contract.contract): the process may be frozen at any time, and "
                    + "nothing reaches it but by the platform. Count log lines instead"
            )
        }
    }

    private mutating func readPlace(_ settings: inout Settings) {
        switch contract.contract {
        case .http, .lambda: port = HTTPContract.port(&settings, default: port)
        case .azure:
            // Only the platform's host is to come in.
            host = "127.0.0.1"
            port = settings.integer("FUNCTIONS_CUSTOMHANDLER_PORT", in: 1...65_535, default: port)
        case .fn:
            fnSocket = settings["FN_LISTENER"].flatMap(FnSocket.init)
            if fnSocket == nil, settings["FN_LISTENER"] != nil {
                settings.reject(
                    "FN_LISTENER",
                    "must be unix: and the absolute path of a socket, of at most \(FnSocket.maxPathLength) bytes"
                )
            }
        }
        if let host = settings.text("HOST", default: host, "address to listen on") {
            if SocketAddress(ip: host, port: 0) == nil {
                settings.reject("HOST", "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"\(host)\"")
            }
            self.host = host
        }
    }
}
