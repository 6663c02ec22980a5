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
            Without --redis everything is kept in memory and lost at the end; there is a demo
            organization, and its key is printed with a curl command. The page at / tries both
            steps, shows the messages on the wire, and runs the fixtures of events/ or --events.
            Beside the functions there are /health/liveness, /health/readiness, and the OpenAPI
            description of all of them at /openapi.json. The functions take their settings, such
            as TOKEN_TTL_POLICY and LOG_LEVEL, from the environment. The log goes to standard
            error: on a terminal one short line per request, otherwise the JSON lines of a
            deployed function. Ctrl-C ends it.

            --record writes each call, once it has ended, as a fixture into DIR: the event
            NAME.json and its expectation NAME.expect.json. A stream and the mint of its token
            become NAME.scenario.json. Names are such as token-200-1; existing files are never
            replaced. Keys and tokens are replaced by fixed ones, headers that do not matter are
            left out, and values that are new each time become matchers. Each fixture is
            replayed before it is written; one that fails is left out, with a message.
            """,
        options: [
            .init(name: "--host", value: "HOST", summary: "The IP address to listen on (default 127.0.0.1)"),
            .init(name: "--port", value: "N", summary: "The port (default 8080); 0 picks a free one"),
            RedisLocation.option("Keep everything in this Redis server"),
            .init(name: "--demo", summary: "Make a key of the organization demo in Redis, too"),
            .repeatable("--allow-host", "HOST", "Serve the page at this name, too"),
            .init(name: "--events", value: "DIR", summary: "The folder of the page's fixtures (default events/)"),
            .init(name: "--log", value: "FORM", summary: "json or short (default: short on a terminal, else json)"),
            .init(name: "--record", value: "DIR", summary: "Record calls as fixtures in DIR, which is made if missing"),
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
            return try await store.administration.makeKey(of: "demo", .default).secret
        } catch {
            throw store.failure(error)
        }
    }

    /// Nil without the folder events/. Throws if the folder of `--events` does not exist.
    private func fixtures(_ environment: [String: String], on loop: EventLoop) throws(CommandFailure) -> FixtureBoard? {
        let folder = events ?? "events"
        guard FileManager.default.isFolder(folder) else {
            guard events == nil else { throw .usage("--events must be a folder, and \(folder) is not one") }
            return nil
        }
        return FixtureBoard(folder, environment: environment, loop: loop)
    }
}

/// The text that `serve` prints when it listens.
struct Greeting {
    let address: SocketAddress
    let store: String
    /// The demo organization's key, if there is one.
    let secret: String?
    var pageAccess = PageAccess()
    /// The address of `/metrics`, if it is served.
    var metrics: SocketAddress?
    /// The folder that calls are recorded into, if they are.
    var recording: String?

    var text: String {
        let url = "http://\(address.reachable)"
        var lines = ["Serving on \(url) with tokens \(store). Ctrl-C ends it."]
        if let metrics { lines += ["", "Metrics for Prometheus: http://\(metrics.reachable)/metrics"] }
        if let recording {
            let command = "local-runtime replay \(ShellText.path(recording))"
            lines += ["", "Recording calls as fixtures in \(ShellText.name(recording)). To replay them: \(command)"]
        }
        if let secret {
            lines += [
                "", "The key of the organization demo, and a command that mints a token with it:", "",
                "export API_KEY=\(secret)",
                "curl -fsS --globoff -H \"Authorization: Bearer $API_KEY\" '\(url)\(TokenFunction.path)?ttl=60'",
            ]
        }
        lines += ["", page(url)]
        return lines.joined(separator: "\n") + "\n"
    }

    private func page(_ url: String) -> String {
        guard let host = HostName(authority: address.reachable), !pageAccess.allows(host) else {
            return "The page that tries both steps: \(url)/"
        }
        return "The page that tries both steps is served here only with --allow-host \(ShellText.path("\(host)"))."
    }
}
