package import FunctionCore
package import FunctionEventLoop

/// What came of an event.
package struct Outcome: Sendable {
    package var response: Response
    /// The body's pieces as they were written, as far as they came.
    package let chunks: [[UInt8]]
    /// Whether the body came to its end, and was not broken off.
    package let isComplete: Bool
    /// How long it took from the event to the body's end.
    package let milliseconds: Int
    /// Whether the pieces came as they were written.
    package var keepsChunks = true
    /// What the store holds then.
    package var store: JSON?

    package var body: [UInt8] { Array(chunks.joined()) }
    /// The body's pieces as fixtures write them.
    var texts: [JSON] { chunks.map { .string(String(decoding: $0, as: UTF8.self)) } }

    /// Why there is none.
    package struct TooLong: Error, CustomStringConvertible {
        package let limit: Int

        package var description: String { "the answer has more than \(limit) bytes" }
    }

    /// Has the body written to its end.
    package init(of response: Response, since start: Instant) async throws(TooLong) {
        let recorder = BodyRecorder(limit: EventReader.sizeLimit)
        var isComplete = true
        do {
            try await response.body.write(to: recorder)
        } catch {
            isComplete = false
        }
        // What writes a body may end it in its own way once a chunk was refused.
        guard await !recorder.isFull else { throw TooLong(limit: recorder.limit) }
        self.response = response
        chunks = await recorder.chunks
        self.isComplete = isComplete
        milliseconds = (Instant.now - start).milliseconds
    }
}

/// Keeps what is written, up to a limit.
package actor BodyRecorder: BodyWriter {
    package nonisolated let limit: Int
    package private(set) var chunks: [[UInt8]] = []
    private(set) var isFull = false
    private var count = 0
    package var bytes: [UInt8] { Array(chunks.joined()) }

    package init(limit: Int) {
        self.limit = limit
    }

    package func write(_ chunk: [UInt8]) throws {
        count += chunk.count
        isFull = isFull || count > limit
        guard !isFull else { throw Outcome.TooLong(limit: limit) }
        chunks.append(chunk)
    }
}

extension Body {
    /// The pieces that came over a wire, and the end where that came too.
    package static func received(_ chunks: [[UInt8]], isComplete: Bool) -> Body {
        struct BrokenOff: Error {}
        return .stream { writer in
            for chunk in chunks { try await writer.write(chunk) }
            guard isComplete else { throw BrokenOff() }
        }
    }
}
