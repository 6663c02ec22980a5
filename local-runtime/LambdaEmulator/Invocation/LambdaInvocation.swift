package import FunctionCore
package import FunctionEventLoop

/// One call of the function, from its event to its result. Lives on its loop's thread.
package final class LambdaInvocation: @unchecked Sendable {
    // Unchecked: the variables are touched on the loop's thread alone.

    package let id: String
    package let event: [UInt8]
    /// In the form of X-Amzn-Trace-Id.
    let traceID: Headers.Value
    /// JSON about a mobile client, if the caller sent it.
    let clientContext: Headers.Value?
    package let result = Promise<InvocationResult>()
    /// Fulfilled when the invocation is over and its log complete.
    package let over = Promise<Void>()
    /// The end of its log; nil unless the caller wants it.
    var tail: LogTail?

    /// When its event was first handed to the process.
    package var start: Instant?
    /// When it times out, in milliseconds since 1970.
    package var deadline = 0
    package var timer: Timer?
    /// Takes its response, if that is streamed.
    package var pipe: ChunkPipe?
    /// Why it failed, if it did.
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

    /// Gives the caller its result without running the function.
    package func refuse(_ refusal: InvocationResult) {
        result.fulfil(refusal)
        over.fulfil()
    }

    /// Waits for the complete log and returns its end; nil at once if the caller does not want it. One caller at a time.
    func wholeLog() async -> LogTail? {
        guard tail != nil else { return nil }
        await over.wait()
        return tail
    }

    /// Fails it for its caller. A response that has begun breaks off.
    func fail(_ error: FunctionError) {
        self.error = error
        pipe?.break()
        result.fulfil(.failed(error))
    }
}

/// The result of an invocation, for its caller.
package enum InvocationResult: Sendable {
    case whole([UInt8], contentType: Headers.Value?)
    case streamed(ChunkPipe, contentType: Headers.Value?)
    case failed(FunctionError)
    /// All the environments that the limit allows are busy.
    case throttled
}

/// The end of an invocation's log, for `LogType: Tail`.
struct LogTail: Hashable, Sendable {
    /// In bytes.
    static let limit = 4096

    private var kept: [UInt8] = []

    var bytes: ArraySlice<UInt8> { kept.suffix(Self.limit) }

    /// The form in Lambda's responses.
    var base64: String { Base64.encode(Array(bytes)) }

    mutating func append(_ bytes: some BidirectionalCollection<UInt8>) {
        kept += bytes.suffix(Self.limit)
        // Trimmed seldom, so that small pieces do not make each byte cost more.
        if kept.count > 4 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }
}
