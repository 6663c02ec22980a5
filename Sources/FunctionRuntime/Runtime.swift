import CFunctionLinux
public import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import Glibc

/// Runs a function under the contract of the platform that the environment names (``Contract``).
public enum Runtime {
    /// Makes a function's instance for a loop.
    public typealias MakeInstance = (LoopContext) -> FunctionInstance

    /// Runs `handler` until the platform ends the process.
    public static func run(_ name: String, _ handler: @escaping Handler) -> Never {
        run(name) { _ in { _ in FunctionInstance(handler: handler) } }
    }

    /// Runs the function that `configure` makes from the settings, until the platform ends the process.
    ///
    /// `configure` may return nil once it has told ``Settings`` what is wrong. Exits with 0 after SIGTERM or SIGINT, 1
    /// if a setting or an argument is wrong, 3 if the function cannot start, 4 if Lambda's Runtime API fails or a
    /// handler keeps its thread busy beyond Lambda's deadline. `summary` tells the reader of `--help` what the function
    /// does.
    public static func run(
        _ name: String,
        summary: String = "",
        _ configure: (inout Settings) -> MakeInstance?
    ) -> Never {
        StandardStreams.keepOpen()
        CrashHandler.install()
        followArguments(name, summary, configure)
        SignalSource.block([SIGTERM, SIGINT])
        // A client that hangs up makes its write fail; it must not end the process.
        signal(SIGPIPE, SIG_IGN)
        // Bodies are allocated and freed whole. By default the allocator learns to keep blocks of their size, and small
        // blocks settle between them: 67 MB of bodies took 118 MB.
        mallopt(M_MMAP_THRESHOLD, 128 * 1024)
        let sink = LogSink()
        var settings = Settings(environment: environment())
        let options = RuntimeOptions(&settings)
        let makeInstance = configure(&settings)
        settings.tellNotes(to: sink)
        guard settings.problems.isEmpty, let makeInstance else {
            for problem in settings.problems { sink.say(.error, "wrong setting") { $0.member("setting", problem) } }
            options.lambda?.api.post(.initError(.wrongSettings(settings.problems.joined(separator: "; "))))
            exit(1)
        }
        do {
            if let lambda = options.lambda { try runLambda(name, lambda, options, sink, makeInstance) }
            let server = try FunctionServer(options, sink: sink, makeInstance: makeInstance)
            try stopOnSignals(server.mainLoop, options, sink) {
                await server.drain()
                server.mainLoop.stop()
            }
            try server.startOtherLoops()
            sayStart(name, "listening", at: server.address.description, options, sink, metrics: server.metricsAddress)
            server.mainLoop.run()
            exit(0)
        } catch {
            sink.say(.error, "cannot start") { $0.member("cause", "\(error)") }
            options.lambda?.api.post(.initError(.cannotStart("\(error)")))
            exit(3)
        }
    }

    private static func runLambda(
        _ name: String,
        _ lambda: LambdaOptions,
        _ options: RuntimeOptions,
        _ sink: LogSink,
        _ makeInstance: MakeInstance
    ) throws -> Never {
        let runtime = try LambdaRuntime(lambda, options, sink: sink, makeInstance: makeInstance)
        try stopOnSignals(runtime.loop, options, sink) { await runtime.drain() }
        sayStart(name, "polling", at: lambda.api.description, options, sink)
        exit(runtime.run())
    }

    private static func sayStart(
        _ name: String,
        _ message: String,
        at address: String,
        _ options: RuntimeOptions,
        _ sink: LogSink,
        metrics: SocketAddress? = nil
    ) {
        guard options.logLevel <= .info else { return }
        sink.say(.info, message) {
            $0.member("function", name)
            $0.member("address", address)
            if let metrics { $0.member("metrics_address", metrics.description) }
            $0.member("contract", options.contract.contract.rawValue)
            $0.member("because", options.contract.reason)
        }
    }

    /// Prints what the arguments ask for and exits; returns if there are none.
    private static func followArguments(
        _ name: String,
        _ summary: String,
        _ configure: (inout Settings) -> MakeInstance?
    ) {
        switch CommandLine.arguments.dropFirst() {
        case []: return
        case ["--version"]: print("\(name) (stream-token \(version))")
        case ["--probe"]: probe()
        case ["--help"], ["-h"]:
            var settings = Settings(environment: [:])
            _ = RuntimeOptions(&settings)
            _ = configure(&settings)
            print(Help.text(name, summary, settings))
        default:
            // The argument is not repeated: it may hold a password.
            LogSink().say(.error, "wrong arguments") {
                $0.member("cause", "\(name) takes --help, --version or --probe; settings are environment variables")
            }
            exit(1)
        }
        exit(0)
    }

    /// Asks the process that serves with these settings whether it is ready. If not, logs why and exits with 1.
    private static func probe() {
        // The other process may end meanwhile: that is a failed probe, and must not end this one.
        signal(SIGPIPE, SIG_IGN)
        var settings = Settings(environment: environment())
        let options = RuntimeOptions(&settings)
        guard let cause = settings.problems.first ?? Probe.failure(options) else { return }
        LogSink().say(.error, "not ready") { $0.member("cause", cause) }
        exit(1)
    }

    /// Runs `drain` on the loop at the first signal, and ends the process without waiting at the second.
    private static func stopOnSignals(
        _ loop: EventLoop,
        _ options: RuntimeOptions,
        _ sink: LogSink,
        _ drain: @escaping @Sendable () async -> Void
    ) throws(SystemError) {
        var isStopping = false
        try SignalSource([SIGTERM, SIGINT], on: loop) { [unowned loop] number in
            if isStopping { exit(0) }
            isStopping = true
            if options.logLevel <= .info {
                sink.say(.info, "draining") { $0.member("signal", number == SIGINT ? "SIGINT" : "SIGTERM") }
            }
            loop.start { await drain() }
        }
    }

    private static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let line = entry.pointee {
            let text = String(cString: line)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }
}
