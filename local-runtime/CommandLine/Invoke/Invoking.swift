import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import LocalRuntimeConsole

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
