import Function

/// What came of an event.
struct Outcome: Sendable {
    let response: Response
    /// The body's bytes, as far as they came.
    let body: [UInt8]
    /// Whether the body came to its end, and was not broken off.
    let isComplete: Bool
    /// What the store holds then; nil if it is down.
    let store: JSON?

    /// Why there is none.
    struct TooLong: Error, CustomStringConvertible {
        let limit: Int

        var description: String { "the answer has more than \(limit) bytes" }
    }

    /// Has the body written to its end.
    init(of response: Response, _ store: GivenStore) async throws(TooLong) {
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
        body = await recorder.bytes
        self.isComplete = isComplete
        self.store = await store.contents()
    }
}

/// Keeps what is written, up to a limit.
private actor BodyRecorder: BodyWriter {
    nonisolated let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isFull = false

    init(limit: Int) {
        self.limit = limit
    }

    func write(_ chunk: [UInt8]) throws {
        isFull = isFull || bytes.count + chunk.count > limit
        guard !isFull else { throw Outcome.TooLong(limit: limit) }
        bytes += chunk
    }
}
