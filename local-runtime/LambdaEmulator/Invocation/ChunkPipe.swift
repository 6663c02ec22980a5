package import FunctionCore
import FunctionPlatforms

/// Passes the chunks of a streamed response from the function to its client, one at a time. A write returns when the chunk
/// was taken, so that a slow client slows the function. Lives on its loop's thread.
package final class ChunkPipe: @unchecked Sendable {
    // Unchecked: it is touched on its loop's thread alone.

    /// The response broke off.
    package struct Broken: Error {}

    private enum State {
        case open
        case ended
        case broken
        /// The reader is gone, and writes are discarded. As on Lambda, the function does not learn of it.
        case abandoned
    }

    private var state = State.open
    private var chunk: [UInt8]?
    private var writer: UnsafeContinuation<Void, Never>?
    private var reader: UnsafeContinuation<Void, Never>?

    /// Returns when the chunk was taken or discarded. One caller at a time.
    package func write(_ bytes: [UInt8]) async {
        guard state == .open, !bytes.isEmpty else { return }
        chunk = bytes
        reader.take()?.resume()
        // Resumed exactly once: whoever resumes it removes it first. The chunk may be taken before the continuation is
        // stored.
        await withUnsafeContinuation { continuation in
            guard chunk != nil, state == .open else { return continuation.resume() }
            writer = continuation
        }
    }

    /// No chunk follows.
    package func end() {
        finish(.ended)
    }

    /// The response breaks off here.
    package func `break`() {
        finish(.broken)
    }

    /// Stops reading.
    func abandon() {
        chunk = nil
        finish(.abandoned)
    }

    /// The next chunk; nil at the end. One caller at a time.
    package func next() async throws(Broken) -> [UInt8]? {
        while true {
            if let chunk = chunk.take() {
                writer.take()?.resume()
                return chunk
            }
            switch state {
            case .ended, .abandoned: return nil
            case .broken: throw Broken()
            case .open: break
            }
            // As in ``write(_:)``.
            await withUnsafeContinuation { continuation in
                guard chunk == nil, state == .open else { return continuation.resume() }
                reader = continuation
            }
        }
    }

    private func finish(_ state: State) {
        guard self.state == .open else { return }
        self.state = state
        writer.take()?.resume()
        reader.take()?.resume()
    }
}

extension ChunkPipe {
    /// A body of `beginning` and the rest of the response. It breaks off where the response does.
    package func body(after beginning: [UInt8] = []) -> Body {
        .stream { writer in
            // Otherwise the function would wait forever for a client that is gone.
            defer { self.abandon() }
            if !beginning.isEmpty { try await writer.write(beginning) }
            while let chunk = try await self.next() { try await writer.write(chunk) }
        }
    }

    /// The whole response; nil if it breaks off or is longer than `limit` bytes.
    package func collect(upTo limit: Int) async -> [UInt8]? {
        defer { abandon() }
        var bytes: [UInt8] = []
        do throws(Broken) {
            while let chunk = try await next() {
                bytes += chunk
                guard bytes.count <= limit else { return nil }
            }
            return bytes
        } catch {
            return nil
        }
    }
}

/// Passes a streamed response on, and keeps the error from its trailers.
actor StreamRelay: BodyWriter {
    private let pipe: ChunkPipe
    private(set) var error: FunctionError?

    init(to pipe: ChunkPipe) {
        self.pipe = pipe
    }

    func write(_ bytes: [UInt8]) async {
        await pipe.write(bytes)
    }

    func end(with trailers: Headers) {
        error = LambdaError.told(in: trailers).map { .told(type: $0.type, body: $0.json) }
    }
}
