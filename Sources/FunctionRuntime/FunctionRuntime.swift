import EventLoop
public import Function
import Glibc

/// Runs a function as the platform expects that the environment announces (``Contract``).
public enum FunctionRuntime {
    /// Makes a function's instance for a loop.
    public typealias MakeInstance = (LoopContext) -> FunctionInstance

    /// Runs `handler` until the platform ends the process.
    public static func run(_ name: String, _ handler: @escaping Handler) -> Never {
        run(name) { _ in { _ in FunctionInstance(handler: handler) } }
    }

    /// Runs the function that `configure` makes from the settings, until the platform ends the process.
    ///
    /// `configure` may answer nil if it has told ``Settings`` what is wrong. Exits with 0 after SIGTERM or SIGINT, with
    /// 1 if a setting or an argument is wrong, with 3 if it cannot start. `summary` says in the help what the function
    /// does.
    public static func run(
        _ name: String,
        summary: String = "",
        _ configure: (inout Settings) -> MakeInstance?
    ) -> Never {
        CrashHandler.install()
        followArguments(name, summary, configure)
        SignalSource.block([SIGTERM, SIGINT])
        // A client that hangs up is an error of its write, and no reason to end.
        signal(SIGPIPE, SIG_IGN)
        let sink = LogSink()
        var settings = Settings(environment: environment())
        let options = RuntimeOptions(&settings)
        let makeInstance = configure(&settings)
        guard settings.problems.isEmpty, let makeInstance else {
            for problem in settings.problems { say(sink, .error, "wrong setting") { $0.member("setting", problem) } }
            exit(1)
        }
        do {
            let server = try FunctionServer(options, sink: sink, makeInstance: makeInstance)
            try stopOnSignals(server)
            if options.logLevel <= .info {
                say(sink, .info, "listening") {
                    $0.member("function", name)
                    $0.member("address", server.address.description)
                    $0.member("contract", options.contract.contract.rawValue)
                    $0.member("because", options.contract.reason)
                }
            }
            server.run()
            exit(0)
        } catch {
            say(sink, .error, "cannot start") { $0.member("cause", "\(error)") }
            exit(3)
        }
    }

    /// Prints what the command line asks for and exits; returns where it is empty.
    private static func followArguments(
        _ name: String,
        _ summary: String,
        _ configure: (inout Settings) -> MakeInstance?
    ) {
        switch CommandLine.arguments.dropFirst() {
        case []: return
        case ["--version"]: print("\(name) (stream-token \(version))")
        case ["--help"], ["-h"]:
            var settings = Settings(environment: [:])
            _ = RuntimeOptions(&settings)
            _ = configure(&settings)
            print(Help.text(name, summary, settings))
        default:
            // Not repeated: a password may be in it.
            say(LogSink(), .error, "wrong arguments") {
                $0.member("cause", "\(name) takes --help or --version; settings are environment variables")
            }
            exit(1)
        }
        exit(0)
    }

    private static func stopOnSignals(_ server: FunctionServer) throws(SystemError) {
        var isStopping = false
        try SignalSource([SIGTERM, SIGINT], on: server.mainLoop) { _ in
            // Whoever asks twice does not want to wait.
            if isStopping { exit(0) }
            isStopping = true
            server.mainLoop.start {
                await server.drain()
                server.mainLoop.stop()
            }
        }
    }

    /// Before the loops run: what is said is written at once.
    private static func say(
        _ sink: LogSink,
        _ level: LogLevel,
        _ message: String,
        _ members: (inout JSONWriter) -> Void
    ) {
        var time = LogTime()
        var json = JSONWriter()
        json.object {
            $0.member("time", time.now())
            $0.member("level", level.rawValue)
            $0.member("message", message)
            members(&$0)
        }
        sink.write(json.bytes + [UInt8(ascii: "\n")])
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
