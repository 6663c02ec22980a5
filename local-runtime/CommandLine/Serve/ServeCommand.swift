import FoundationEssentials
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeRecording
import StreamTokens
import StreamTokensTokenFunction

/// `local-runtime serve`
struct ServeCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["serve"],
        summary: "Serve all functions on one port of this machine",
        details: """
            Without --redis everything is kept in memory and forgotten at the end, and there
            is a demo organization, whose key is printed with a curl line to paste. A page at /
            tries both steps, shows what went over the wire, and runs the fixtures of events/ or
            of another folder. Besides the functions there are /health/liveness and
            /health/readiness, and at /openapi.json what all of them answer. The functions'
            settings, such as TOKEN_TTL_POLICY and LOG_LEVEL, come from the environment. The log
            goes to standard error: on a terminal a short line for each request, elsewhere the
            JSON lines that a deployed function writes. Ctrl-C ends it.

            With --record each call becomes a fixture in DIR when it has ended: NAME.json, the
            event, and NAME.expect.json, what has to come of it. A stream and the mint of its
            token become NAME.scenario.json. Names are such as token-200-1; no file is
            replaced. Keys and tokens are replaced by fixed ones, headers that decide nothing
            are left out, and what is new each time becomes a matcher. Each is replayed before
            it is written; what does not replay as it was is left out, which is said.
            """,
        options: [
            .init(name: "--host", value: "HOST", summary: "The IP address to listen on, 127.0.0.1 without it"),
            .init(name: "--port", value: "N", summary: "The port, 8080 without it; 0 picks a free one"),
            RedisLocation.option("Keep everything in Redis"),
            .init(name: "--demo", summary: "Make a key of a demo organization in Redis too"),
            .repeatable("--allow-host", "HOST", "Answer with the page at this name too"),
            .init(name: "--events", value: "DIR", summary: "The fixtures that the page shows, events/ without it"),
            .init(name: "--log", value: "FORM", summary: "The log as json or short; by the terminal without it"),
            .init(name: "--record", value: "DIR", summary: "Turn calls into fixtures in DIR, made if it is not there"),
        ]
    )

    private let host: String
    private let port: Int
    private let redis: RedisLocation?
    private let isDemo: Bool
    private let pageAccess: PageAccess
    private let events: String?
    private let recording: String?
    private let log: String?

    init(_ arguments: Arguments) throws(CommandFailure) {
        try arguments.refuseOperands()
        host = try arguments.host()
        port = try arguments.integer("--port", in: 0...65_535) ?? 8080
        redis = arguments["--redis"].map(RedisLocation.init)
        isDemo = redis == nil || arguments.isSet("--demo")
        pageAccess = PageAccess(allowing: try arguments.allowedHosts())
        events = arguments["--events"]
        recording = arguments["--record"]
        log = arguments["--log"]
        if let log, !["json", "short"].contains(log) { throw .usage("--log must be json or short, not \"\(log)\"") }
        if recording == "" { throw .usage("--record must be a folder") }
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        Interruption.block()
        let redis = try redis.map { location throws(CommandFailure) in try location.server(console) }
        let store = LocalStore(redis, on: loop)
        try await store.ping()
        let recorder = try recording.map { path throws(CommandFailure) in
            let folder = try FixtureFolder(path)
            return FixtureRecorder(folder, store, environment: console.environment, messages: console.messages)
        }
        let server = try LocalServer(
            store,
            host: host,
            port: port,
            environment: console.environment,
            pageAccess: pageAccess,
            fixtures: try fixtures(console.environment, on: loop),
            recorder: recorder,
            sink: sink(console.messages)
        )
        let secret = isDemo ? try await demoKey(in: store) : nil
        try server.start(demoKey: secret)
        let greeting = Greeting(
            address: server.address,
            store: store.description,
            secret: secret,
            pageAccess: pageAccess,
            metrics: server.metricsAddress,
            recording: recording
        )
        console.output.text(greeting.text)
        let writing = recorder.map { recorder in loop.start { await recorder.run(on: loop) } }
        await Interruption.wait(on: loop)
        await server.stop()
        recorder?.finish()
        await writing?.value
        return .success
    }

    private func sink(_ messages: Output) -> LogSink {
        guard log == "short" || log == nil && messages.isTerminal else { return LogSink() }
        return LogSink { ShortLog.lines(of: $0, for: messages) }
    }

    private func demoKey(in store: LocalStore) async throws(CommandFailure) -> String {
        do throws(StoreError) {
            return try await store.administration.makeKey(of: "demo", .standard).secret
        } catch {
            throw store.failure(error)
        }
    }

    /// Nil where there is nothing to show, unless a folder was asked for.
    private func fixtures(_ environment: [String: String], on loop: EventLoop) throws(CommandFailure) -> FixtureBoard? {
        let folder = events ?? "events"
        guard FileManager.default.isFolder(folder) else {
            guard events == nil else { throw .usage("--events must be a folder; \(folder) is none") }
            return nil
        }
        return FixtureBoard(folder, environment: environment, loop: loop)
    }
}

/// What `serve` says when it listens.
struct Greeting {
    let address: SocketAddress
    let store: String
    /// The demo organization's key, if there is one.
    let secret: String?
    var pageAccess = PageAccess()
    /// Where `/metrics` is answered, if it is.
    var metrics: SocketAddress?
    /// The folder that calls are recorded in, if they are.
    var recording: String?

    var text: String {
        let url = "http://\(address.reachable)"
        var lines = ["Serving on \(url), tokens are kept \(store). Ctrl-C ends it."]
        if let metrics { lines += ["", "Metrics for Prometheus: http://\(metrics.reachable)/metrics"] }
        if let recording {
            let command = "local-runtime replay \(ShellText.path(recording))"
            lines += ["", "Calls become fixtures in \(ShellText.name(recording)): \(command)"]
        }
        if let secret {
            lines += [
                "", "The key of the organization demo, and a token by it:", "",
                "export API_KEY=\(secret)",
                "curl -fsS --globoff -H \"Authorization: Bearer $API_KEY\" '\(url)\(TokenFunction.path)?ttl=60'",
            ]
        }
        lines += ["", page(url)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func page(_ url: String) -> String {
        guard let host = HostName(authority: address.reachable), !pageAccess.allows(host) else {
            return "Both steps, to try and to read: \(url)/"
        }
        return "The page that tries both steps answers here only with --allow-host \(ShellText.path("\(host)"))."
    }
}
