import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeReplay
import StreamTokensStreamFunction

/// `local-runtime invoke`
struct InvokeCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["invoke"],
        operands: FixtureInput.operand,
        summary: "Put one event through its function, and print what it answers",
        details: """
            \(FixtureInput.help)

            The body goes to standard output as it comes, a token in it too; the function's
            reason and its log go to standard error. Without --redis the function has a store
            in memory that holds what NAME.expect.json gives, if that is there, and otherwise
            nothing. With it there is what Redis holds, settings come from the environment,
            and Ctrl-C ends a stream as its client's departure would. Of a scenario each body
            comes when it is whole, and a line on standard error before it tells the step.

            Exit codes: 0 an answer below 500, 2 the event cannot be read, 3 could not run,
                        4 a 5xx, or a body that broke off.
            """,
        options: [
            .init(name: "--head", summary: "Print the status and the headers too, before the body"),
            RedisLocation.option("With the store in this Redis server"),
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
                throw .usage("a scenario has a store of its own; local-runtime replay --redis has it in Redis")
            }
            return try await walk(files, console, on: loop)
        }
        let request = try input.request()
        // What Redis holds of an open stream outlives this process, and is to be given back.
        let endsInOrder = redis != nil
        if endsInOrder { Interruption.block() }
        let instance = try await functions(for: input, console, on: loop).instance
        let invoking = Invoking(console: console, showsHead: showsHead)
        let code = Lock(ExitCode.couldNotRun)
        // It renews the leases of a stream that is open, and settles what is left at the end.
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
        // Of a stream that was ended here, server-sent events have come to an end of their own.
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
            guard case .ended(let early?, let cause, _) = event.kind else { return }
            let text = "the stream ended early: \(early.rawValue)\(cause.map { ": " + $0 } ?? "")"
            console.messages.line(Secrets.masked(text))
        }
    }
}

/// Prints what comes of a request, as it comes.
struct Invoking: Sendable {
    let console: Console
    let showsHead: Bool

    /// Writes a body to the output as it comes, as long as somebody reads that.
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

    /// Prints what came of one event of a scenario.
    func tell(_ delivered: ScenarioWalk.Delivered) async -> ExitCode {
        guard let answer = delivered.answer else {
            console.messages.line("\(delivered.title): no answer, the process is killed")
            return .success
        }
        console.messages.line("\(delivered.title): \(answer.status)")
        let code = await run(delivered.request, through: FunctionInstance { _ in answer })
        // Else the next one would stand behind it.
        if let last = delivered.outcome?.body.last, last != UInt8(ascii: "\n") { console.output.text("\n") }
        return code
    }

    /// Answers whether the body came to its end, or might have if somebody had gone on reading.
    private func write(_ body: Body) async -> Bool {
        // What writes a body may end it in its own way once a chunk was refused.
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

    /// As the message would begin, without what a server adds. A value's scalars stand for octets.
    private static func head(of response: Response) -> [UInt8] {
        let fields = response.headers.fields.map { "\($0.name): \($0.value)\r\n" }
        let head = "HTTP/1.1 \(response.status.code) \(response.status.reason)\r\n" + fields.joined() + "\r\n"
        return head.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
