import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay
import StreamTokensRedemption
import StreamTokensStreamFunction

/// `local-runtime invoke`
struct InvokeCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["invoke"],
        operands: FixtureInput.operand,
        summary: "Run one event through its function and print the response's body",
        details: """
            \(FixtureInput.help)

            The body goes to standard output as it arrives; a token in it is not redacted. The
            function's log, and its reason for an error, go to standard error. Without --redis
            the store is in memory and holds what NAME.expect.json gives, if that file exists.
            With --redis the function uses that Redis and the settings of the environment, and
            Ctrl-C ends a stream as a client that disconnects would. The bodies of a scenario
            are printed when they are complete; a line on standard error names each step.

            Exit codes: 0 a response below 500, 2 unreadable event, 3 could not run,
                        4 a 5xx, or a body that broke off.
            """,
        options: [
            .init(name: "--head", summary: "Print the status and the headers before the body"),
            RedisLocation.option("Use the store in this Redis server"),
        ]
    )

    private let event: String
    private let showsHead: Bool
    private let redis: RedisLocation?

    init(_ arguments: Arguments) throws(CommandFailure) {
        event = try arguments.operand(FixtureInput.operand)
        showsHead = arguments.isSet("--head")
        redis = arguments["--redis"].map(RedisLocation.init)
        guard event != "-" || redis?.argument != "-" else {
            throw .usage("standard input can give the event or the Redis URL, not both")
        }
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let input: EventInput
        switch try FixtureInput(event, console) {
        case .event(let event): input = event
        case .scenario(let files):
            guard redis == nil else {
                throw .usage("a scenario has its own store in memory; local-runtime replay --redis runs it on Redis")
            }
            return try await walk(files, console, on: loop)
        }
        let request = try input.request()
        // An open stream's entry in Redis outlives this process unless it is released.
        let endsInOrder = redis != nil
        if endsInOrder { Interruption.block() }
        let instance = try await functions(for: input, console, on: loop).instance
        let invoking = Invoking(console: console, showsHead: showsHead)
        let code = Lock(ExitCode.couldNotRun)
        // Renews the leases of open streams, and settles what is left at the end.
        let background = loop.start { await instance.background() }
        let work = loop.start {
            let result = await invoking.run(request, through: instance)
            code.withLock { $0 = result }
        }
        if endsInOrder {
            loop.start {
                await Interruption.wait(on: loop)
                work.cancel()
            }
        }
        await work.value
        background.cancel()
        await background.value
        // After an interruption the code says nothing: a stream of server-sent events ends in order even then.
        return work.isCancelled ? .expectationFailed : code.withLock(\.self)
    }

    private func walk(
        _ files: FixtureFiles,
        _ console: Console,
        on loop: EventLoop
    ) async throws(CommandFailure) -> ExitCode {
        let invoking = Invoking(console: console, showsHead: showsHead)
        var code = ExitCode.success
        try await ScenarioWalk(files, environment: console.environment, on: loop).run { delivered in
            if await invoking.tell(delivered) != .success { code = .expectationFailed }
        }
        return code
    }

    private func functions(
        for event: EventInput,
        _ console: Console,
        on loop: EventLoop
    ) async throws(CommandFailure) -> LocalFunctions {
        if let redis {
            let server = try redis.server(console)
            return try await LocalFunctions(redis: server, environment: console.environment, on: loop, sink: LogSink())
        }
        return try await LocalFunctions(given: event, on: loop) { event in
            let text: String
            switch event.kind {
            case .ended(let early?, let cause, _):
                text = "the stream ended early: \(early.rawValue)\(cause.map { ": " + $0 } ?? "")"
            case .failed(_, let refusal, _, let cause):
                text = "the workflow did not begin: \(refusal.rawValue)\(cause.map { ": " + $0 } ?? "")"
            default: return
            }
            console.messages.line(Secrets.masked(text))
        }
    }
}

/// Prints a function's response as it arrives.
struct Invoking: Sendable {
    let console: Console
    let showsHead: Bool

    /// Writes a body to the output as it arrives, until the output has no reader.
    private struct Writer: BodyWriter {
        let output: Output
        let isReaderGone = Lock(false)

        struct ReaderGone: Error {}

        func write(_ bytes: [UInt8]) throws {
            guard !output.bytes(bytes) else { return }
            isReaderGone.withLock { $0 = true }
            throw ReaderGone()
        }
    }

    func run(_ request: Request, through function: FunctionInstance) async -> ExitCode {
        let response = await function.handler(request)
        if showsHead { _ = console.output.bytes(Self.head(of: response)) }
        if let cause = response.cause { console.messages.line("the function's reason: \(Secrets.masked(cause))") }
        let failed = response.status.code >= 500
        guard request.method != .head else {
            await response.body.discard()
            return failed ? .expectationFailed : .success
        }
        let isWhole = await write(response.body)
        return failed || !isWhole ? .expectationFailed : .success
    }

    /// Prints the response to one event of a scenario.
    func tell(_ delivered: ScenarioWalk.Delivered) async -> ExitCode {
        guard let response = delivered.response else {
            console.messages.line("\(delivered.title): no response, the process is killed")
            return .success
        }
        console.messages.line("\(delivered.title): \(response.status)")
        let code = await run(delivered.request, through: FunctionInstance { _ in response })
        // So that the next body begins on a new line.
        if let last = delivered.outcome?.body.last, last != UInt8(ascii: "\n") { console.output.text("\n") }
        return code
    }

    /// Returns whether the body was complete, or only stopped because the output has no reader.
    private func write(_ body: Body) async -> Bool {
        // The writer remembers a missing reader, because a body may throw another error after a failed write.
        let writer = Writer(output: console.output)
        do {
            try await body.write(to: writer)
            return true
        } catch {
            guard !writer.isReaderGone.withLock(\.self) else { return true }
            console.messages.line("the body broke off")
            return false
        }
    }

    /// The head of the message, without the fields that a server adds. A value's scalars are octets.
    private static func head(of response: Response) -> [UInt8] {
        let fields = response.headers.fields.map { "\($0.name): \($0.value)\r\n" }
        let head = "HTTP/1.1 \(response.status.code) \(response.status.reason)\r\n" + fields.joined() + "\r\n"
        return head.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
