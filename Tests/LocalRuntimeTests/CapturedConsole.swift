import FunctionEventLoop

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

/// A console that keeps what is written to it.
struct CapturedConsole {
    private let written: Lock<[String]>
    private let said: Lock<[String]>
    let console: Console

    /// `input` is read line by line; a person can be asked if `isInteractive`.
    init(
        isTerminal: Bool = false,
        columns: Int? = nil,
        environment: [String: String] = [:],
        input: String? = nil,
        isInteractive: Bool = false
    ) {
        let lines = Lock(input.map { $0.split(separator: "\n", omittingEmptySubsequences: false)[...] } ?? [])
        let written = Lock<[String]>([])
        let said = Lock<[String]>([])
        self.written = written
        self.said = said
        console = Console(
            output: Output(isTerminal: isTerminal, columns: columns) { text in written.withLock { $0.append(text) } },
            messages: Output { text in said.withLock { $0.append(text) } },
            environment: environment,
            inputIsTerminal: isInteractive,
            readLine: { lines.withLock { $0.popFirst().map { String($0) } } },
            readAll: { limit in Array((input ?? "").utf8.prefix(limit + 1)) }
        )
    }

    var output: String { written.withLock { $0.joined() } }
    var messages: String { said.withLock { $0.joined() } }

    /// Runs a command line on its own loop.
    func run(_ words: [String]) async throws -> ExitCode {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let exitCode = Lock<ExitCode?>(nil)
        await loop.start { [console] in
            let code = await Commands.run(words, console, on: loop)
            exitCode.withLock { $0 = code }
        }.value
        // The task above has set it.
        return exitCode.withLock { $0! }
    }
}
