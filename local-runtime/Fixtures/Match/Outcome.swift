package import FunctionCore
package import FunctionEventLoop
import FunctionTesting

/// The response to an event, read to its end.
package struct Outcome: Sendable {
    package var response: Response
    /// The body's pieces as they were written; if it broke off, those before.
    package let chunks: [[UInt8]]
    /// Whether the body is whole, and did not break off.
    package let isComplete: Bool
    /// The time from the event to the body's end.
    package let milliseconds: Int
    /// Whether `chunks` are the pieces as they were written, not those that a transport made.
    package var keepsChunks = true
    /// The store's content afterwards, if it was asked for.
    package var store: JSON?
    /// What the store held at the end of the silence before the workflow's first output; nil if there was none.
    package var silence: JSON?

    package var body: [UInt8] { Array(chunks.joined()) }
    /// The body's pieces as fixtures write them.
    var texts: [JSON] { chunks.map { .string(String(decoding: $0, as: UTF8.self)) } }

    /// Thrown for a body over the limit.
    package struct TooLong: Error, CustomStringConvertible {
        package let limit: Int

        package var description: String { "the response has more than \(limit) bytes" }
    }

    /// Writes the body to its end, or until the line is cut after so many server-sent events.
    package init(of response: Response, since start: Instant, cutAfter cut: Int? = nil) async throws(TooLong) {
        let recorder = BodyRecorder(limit: EventReader.sizeLimit)
        var isComplete = true
        do {
            try await response.body.write(to: CutLine.writer(to: recorder, after: cut))
        } catch {
            isComplete = false
        }
        // A writer may catch the error of a refused chunk and end the body by itself.
        guard await !recorder.isFull else { throw TooLong(limit: recorder.limit) }
        self.response = response
        chunks = await recorder.chunks
        self.isComplete = isComplete
        milliseconds = (Instant.now - start).milliseconds
    }
}

/// Keeps a body's pieces, up to a limit.
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
