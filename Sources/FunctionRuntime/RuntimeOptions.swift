import FunctionBytes
import FunctionCore
package import FunctionEventLoop
package import FunctionHTTP

/// How the runtime serves: the settings that every function has.
package struct RuntimeOptions: Sendable {
    /// How the platform is spoken with.
    package var contract = ContractChoice(.http, because: "nothing else was said")
    /// The address to listen on, numeric; nil: every one, of IPv6 and IPv4, as far as the machine has them.
    package var host: String?
    package var port = 8080
    /// Where to listen instead under Fn's contract.
    var fnSocket: FnSocket?
    /// How to run instead under Lambda's contract.
    var lambda: LambdaOptions?
    /// What is taken off paths.
    var pathPrefix: PathPrefix?
    /// Where a proxy tells the client's address.
    var clientAddress: ClientAddressField?
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

    /// Reads FUNCTION_CONTRACT, LAMBDA_INVOKE_MODE and what the platforms set, PORT, HOST, PATH_PREFIX, CLIENT_ADDRESS_HEADER,
    /// LOOPS, LOG_LEVEL, AUDIT_LOG, METRICS_PORT, DRAIN_SECONDS, GRACE_SECONDS, IDLE_SECONDS, MAX_CONNECTIONS and
    /// MAX_REQUESTS.
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
        clientAddress = ClientAddressField(&settings)
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
        server.idleTimeout = .seconds(
            settings.integer(
                "IDLE_SECONDS",
                in: 1...86_400,
                default: server.idleTimeout.milliseconds / 1000,
                "how long a connection is kept between requests: longer than the proxy in front does"
            )
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
        readHost(&settings)
    }

    private mutating func readHost(_ settings: inout Settings) {
        let summary = "address to listen on; all: those of IPv6 and IPv4"
        guard let text = settings.text("HOST", default: host ?? "all", summary) else { return }
        let isBracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        let address = isBracketed ? String(text.dropFirst().dropLast()) : text
        if SocketAddress(ip: address, port: 0) != nil {
            host = address
        } else if Self.isTriplet(text) {
            settings.note("HOST is \"\(text.shortened())\", as conda's compilers set it, and is passed over")
        } else {
            // Not passed over as well: it may be meant to keep others out.
            settings.reject(
                "HOST",
                "must be an IPv4 or IPv6 address such as 0.0.0.0 or ::, not \"\(text)\"; if it is the machine's name, as csh and "
                    + "some schedulers set it, unset it"
            )
        }
    }

    /// Whether it is a compiler's name for a kind of machine, such as x86_64-conda-linux-gnu.
    private static func isTriplet(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-")).map { String(Substring($0)) }
        guard parts.count >= 3, text.utf8.allSatisfy({ $0.isLetterOrDigit || "-_.".utf8.contains($0) }) else {
            return false
        }
        return parts.dropFirst().contains("linux") && (parts.last?.hasPrefix("gnu") == true || parts.last == "musl")
    }
}
