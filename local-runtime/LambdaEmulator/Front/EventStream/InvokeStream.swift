import FunctionCore

/// An invocation's result as the messages of an event stream, whether the function streams its response or not.
struct InvokeStream: Sendable {
    static let contentType: Headers.Value = "application/vnd.amazon.eventstream"
    /// The most bytes in one message of a response that is not streamed, so that nobody has to buffer megabytes.
    private static let chunkLength = 64 * 1024

    let invocation: LambdaInvocation

    func body(whole bytes: [UInt8]) -> Body {
        .stream { writer in
            for start in stride(from: 0, to: bytes.count, by: Self.chunkLength) {
                let chunk = bytes[start..<min(start + Self.chunkLength, bytes.count)]
                try await writer.write(EventStreamMessage.payloadChunk(chunk).bytes)
            }
            try await complete(nil, writer)
        }
    }

    /// One message for each chunk. If the response breaks off, the stream does not: its last message says why.
    func body(of pipe: ChunkPipe) -> Body {
        .stream { writer in
            // Otherwise the function would wait forever for a client that is gone.
            defer { pipe.abandon() }
            do {
                while let chunk = try await pipe.next() {
                    try await writer.write(EventStreamMessage.payloadChunk(chunk).bytes)
                }
                try await complete(nil, writer)
            } catch is ChunkPipe.Broken {
                try await complete(invocation.error ?? .truncated(invocation.id), writer)
            }
        }
    }

    func body(of error: FunctionError) -> Body {
        .stream { writer in try await complete(error, writer) }
    }

    private func complete(_ error: FunctionError?, _ writer: any BodyWriter) async throws {
        let log = await invocation.wholeLog()
        try await writer.write(EventStreamMessage.invokeComplete(error, log: log).bytes)
    }
}
