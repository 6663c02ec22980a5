import EventLoop
import Function

/// What came of an event.
struct Outcome: Sendable {
    var response: Response
    /// The body's pieces as they were written, as far as they came.
    let chunks: [[UInt8]]
    /// Whether the body came to its end, and was not broken off.
    let isComplete: Bool
    /// How long it took from the event to the body's end.
    let milliseconds: Int
    /// Whether the pieces came as they were written.
    var keepsChunks = true
    /// What the store holds then.
    var store: JSON?

    /// The body's bytes.
    var body: [UInt8] { Array(chunks.joined()) }

    /// Why there is none.
    struct TooLong: Error, CustomStringConvertible {
        let limit: Int

        var description: String { "the answer has more than \(limit) bytes" }
    }

    /// Has the body written to its end.
    init(of response: Response, since start: Instant) async throws(TooLong) {
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
actor BodyRecorder: BodyWriter {
    nonisolated let limit: Int
    private(set) var chunks: [[UInt8]] = []
    private(set) var isFull = false
    private var count = 0
    /// All that was kept.
    var bytes: [UInt8] { Array(chunks.joined()) }

    init(limit: Int) {
        self.limit = limit
    }

    func write(_ chunk: [UInt8]) throws {
        count += chunk.count
        isFull = isFull || count > limit
        guard !isFull else { throw Outcome.TooLong(limit: limit) }
        chunks.append(chunk)
    }
}

extension Body {
    /// The pieces that came over a wire, and the end where that came too.
    static func received(_ chunks: [[UInt8]], isComplete: Bool) -> Body {
        struct BrokenOff: Error {}
        return .stream { writer in
            for chunk in chunks { try await writer.write(chunk) }
            guard isComplete else { throw BrokenOff() }
        }
    }
}
