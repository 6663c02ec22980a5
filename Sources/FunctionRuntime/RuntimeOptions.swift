import FunctionBytes
import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP

/// The settings that every function has: how the runtime serves it.
package struct RuntimeOptions: Sendable {
    /// The contract with the platform.
    package var contract = ContractChoice(.http, because: "it is the default")
    /// The address to listen on, numeric; nil: all of the machine's IPv6 and IPv4 addresses.
    package var host: String?
    package var port = 8080
    /// The socket to listen on instead, under Fn's contract.
    var fnSocket: FnSocket?
    /// How to fetch events instead of listening, under Lambda's contract.
    var lambda: LambdaOptions?
    /// The prefix that is removed from request paths.
    var pathPrefix: PathPrefix?
    /// The header field in which a proxy sends the client's address.
    var clientAddress: ClientAddressField?
    /// How many event loops to run, one thread each; nil: one for each usable core.
    package var loops: Int?
    package var logLevel = LogLevel.info
    /// Whether the log says who was given or refused what.
    package var audit = Log.Audit.on
    /// The port that serves `/metrics`; nil: nothing is counted.
    package var metricsPort: Int?
    /// How long the server goes on accepting connections after SIGTERM.
    package var drain = Interval.seconds(0)
    /// How long requests and streams in flight may still take, counted from SIGTERM too.
    package var grace = Interval.seconds(8)
    package var server = ServerOptions()

    package init() {}

    /// Reads FUNCTION_CONTRACT, LAMBDA_INVOKE_MODE, PORT, HOST, PATH_PREFIX, CLIENT_ADDRESS_HEADER, LOOPS, LOG_LEVEL,
    /// AUDIT_LOG, METRICS_PORT, DRAIN_SECONDS, GRACE_SECONDS, IDLE_SECONDS, MAX_CONNECTIONS, MAX_REQUESTS, and the
    /// variables by which platforms announce themselves.
    package init(_ settings: inout Settings) {
        contract = ContractChoice(&settings)
        let invokeMode = settings.choice(
            "LAMBDA_INVOKE_MODE",
            default: LambdaOptions.InvokeMode.buffered,
            "on Lambda: buffered or response_stream, the same as the function URL's InvokeMode"
        )
        if contract.contract == .lambda { lambda = LambdaOptions(&settings, streams: invokeMode == .responseStream) }
        readPlace(&settings)
        pathPrefix = PathPrefix(&settings)
        clientAddress = ClientAddressField(&settings)
        loops = settings.integer("LOOPS", in: 1...1024, default: "cores", "event loops, one thread each")
        logLevel = settings.choice("LOG_LEVEL", default: logLevel, "debug, info (a line per request), warning or error")
        audit = settings.choice("AUDIT_LOG", default: audit, "on or off: log who was given or refused what")
        readMetricsPort(&settings)
        drain = .seconds(
            settings.integer(
                "DRAIN_SECONDS",
                in: 0...3600,
                default: HTTPContract.drainSeconds(settings),
                "how long to accept connections after SIGTERM (default 5 on Cloud Run, Knative, of-watchdog)"
            )
        )
        grace = .seconds(
            settings.integer(
                "GRACE_SECONDS",
                in: 0...3600,
                default: 8,
                "how long requests and streams in flight may take after SIGTERM"
            )
        )
        server.idleTimeout = .seconds(
            settings.integer(
                "IDLE_SECONDS",
                in: 1...86_400,
                default: server.idleTimeout.milliseconds / 1000,
                "how long to keep an idle connection: set it longer than the proxy in front keeps one"
            )
        )
        server.connectionLimit = settings.integer(
            "MAX_CONNECTIONS",
            in: 1...1_000_000,
            default: server.connectionLimit,
            "connections at once; the longest idle one makes room"
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
            "port that serves /metrics, for Prometheus; 0 picks a free one"
        )
        guard let metricsPort else { return }
        switch contract.contract {
        case .http, .azure:
            if metricsPort == port, port != 0 { settings.reject("METRICS_PORT", "must differ from PORT") }
        case .lambda, .fn:
            settings.reject(
                "METRICS_PORT",
                "must not be set under the contract \(contract.contract): the process may be frozen at any time, and "
                    + "only the platform can reach it. Count log lines instead"
            )
        }
    }

    private mutating func readPlace(_ settings: inout Settings) {
        switch contract.contract {
        case .http, .lambda: port = HTTPContract.port(&settings, default: port)
        case .azure:
            // Only the platform's host on this machine may connect.
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
        readHost(&settings)
    }

    private mutating func readHost(_ settings: inout Settings) {
        let summary = "address to listen on; all: every IPv6 and IPv4 address (default 127.0.0.1 on Azure)"
        guard let text = settings.text("HOST", default: host ?? "all", summary) else { return }
        let isBracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        let address = isBracketed ? String(text.dropFirst().dropLast()) : text
        if SocketAddress(ip: address, port: 0) != nil {
            host = address
        } else if Self.isTriplet(text) {
            settings.note("HOST is \"\(text.shortened())\", as conda's compilers set it, and is ignored")
        } else {
            // Not ignored: it may be meant to keep others out.
            settings.reject(
                "HOST",
                "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"\(text)\"; if it is the machine's name, "
                    + "which csh and some schedulers put there, unset it"
            )
        }
    }

    /// Whether `text` is a compiler's target triplet, such as x86_64-conda-linux-gnu.
    private static func isTriplet(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-")).map { String(Substring($0)) }
        guard parts.count >= 3, text.utf8.allSatisfy({ $0.isLetterOrDigit || "-_.".utf8.contains($0) }) else {
            return false
        }
        return parts.dropFirst().contains("linux") && (parts.last?.hasPrefix("gnu") == true || parts.last == "musl")
    }
}
