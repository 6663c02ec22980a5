package import FunctionCore
package import FunctionEventLoop

/// One call of the function, from its event to what became of it. Lives on its loop's thread.
package final class LambdaInvocation: @unchecked Sendable {
    // Unchecked: what changes is touched on the loop's thread alone.

    package let id: String
    package let event: [UInt8]
    /// As X-Amzn-Trace-Id has it.
    let traceID: Headers.Value
    /// JSON of a mobile client, if its caller has sent it.
    let clientContext: Headers.Value?
    package let answer = Promise<InvocationAnswer>()
    /// Whether all is over, the log too: nothing more is said of it then.
    package let over = Promise<Void>()
    /// What was logged of it last; nil where nobody asks for that.
    var tail: LogTail?

    /// When its event was handed to the process first.
    package var start: Instant?
    /// When its time is up, in milliseconds since 1970.
    package var deadline = 0
    package var timer: Timer?
    /// Where its streamed answer goes.
    package var pipe: ChunkPipe?
    /// Why it has failed, if it has.
    package var error: FunctionError?

    package init(
        id: String,
        event: [UInt8],
        traceID: Headers.Value,
        clientContext: Headers.Value? = nil,
        keepsLog: Bool = false
    ) {
        self.id = id
        self.event = event
        self.traceID = traceID
        self.clientContext = clientContext
        tail = keepsLog ? LogTail() : nil
    }

    /// Tells its caller that it does not run.
    package func refuse(_ refusal: InvocationAnswer) {
        answer.fulfil(refusal)
        over.fulfil()
    }

    /// The end of its log, once that is whole; nil at once where nobody asks for it. One caller at a time.
    func wholeLog() async -> LogTail? {
        guard tail != nil else { return nil }
        await over.wait()
        return tail
    }

    /// Tells its caller that it has failed: of an answer that has begun, by breaking it off.
    func fail(_ error: FunctionError) {
        self.error = error
        pipe?.break()
        answer.fulfil(.failed(error))
    }
}

/// What the caller of a function gets.
package enum InvocationAnswer: Sendable {
    case whole([UInt8], contentType: Headers.Value?)
    case streamed(ChunkPipe, contentType: Headers.Value?)
    case failed(FunctionError)
    /// There are as many environments as there may be, and all have work.
    case throttled
}

/// The end of what is logged of an invocation, as `LogType: Tail` asks for it.
struct LogTail: Hashable, Sendable {
    /// The most bytes of it.
    static let limit = 4096

    private var kept: [UInt8] = []

    /// The last bytes that were added.
    var bytes: ArraySlice<UInt8> { kept.suffix(Self.limit) }

    /// Those bytes as Lambda's answers have them.
    var base64: String { Base64.encode(Array(bytes)) }

    mutating func append(_ bytes: some BidirectionalCollection<UInt8>) {
        kept += bytes.suffix(Self.limit)
        // Seldom, so that it costs each byte the same however small the pieces are.
        if kept.count > 4 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }
}
