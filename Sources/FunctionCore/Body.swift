/// The content of a request or a response: bytes at hand, or a stream that is written as it comes.
public struct Body: Sendable {
    /// Writes a stream's chunks one after the other. Throwing ends the stream as broken: its receiver is told.
    ///
    /// A response's producer is run once, whatever becomes of the client: where it has gone, a write throws. So what the
    /// producer holds can be let go at its end.
    public typealias Producer = @Sendable (any BodyWriter) async throws -> Void

    package enum Storage: Sendable {
        case bytes([UInt8])
        // Indirect, so that a body is one word wherever requests and responses are passed on.
        indirect case stream(length: Int?, Producer)
    }

    package let storage: Storage

    private init(_ storage: Storage) {
        self.storage = storage
    }

    /// No content.
    public static let empty = Body.bytes([])

    /// Content at hand.
    public static func bytes(_ bytes: [UInt8]) -> Body {
        Body(.bytes(bytes))
    }

    /// Text, as UTF-8.
    public static func text(_ text: String) -> Body {
        Body(.bytes(Array(text.utf8)))
    }

    /// Content that `producer` writes while it is sent; `length` in bytes, where it is known beforehand.
    public static func stream(length: Int? = nil, _ producer: @escaping Producer) -> Body {
        Body(.stream(length: length, producer))
    }

    /// How many bytes there are, where that is known beforehand.
    public var length: Int? {
        switch storage {
        case .bytes(let bytes): bytes.count
        case .stream(let length, _): length
        }
    }

    /// Hands every chunk to `writer`.
    public func write(to writer: any BodyWriter) async throws {
        switch storage {
        case .bytes(let bytes):
            if !bytes.isEmpty { try await writer.write(bytes) }
        case .stream(_, let producer):
            try await producer(writer)
        }
    }

    /// Lets go of the content without sending it: a stream's producer runs, and its first write throws.
    public func discard() async {
        guard case .stream(_, let producer) = storage else { return }
        try? await producer(ClosedWriter())
    }

    private struct ClosedWriter: BodyWriter {
        struct Closed: Error {}

        func write(_ bytes: [UInt8]) throws { throw Closed() }
    }
}

/// Where a body goes.
public protocol BodyWriter: Sendable {
    /// Takes a chunk and returns when there is room for the next one (backpressure).
    ///
    /// Throws when the receiver is gone or does not take any more, and when the caller's task is cancelled while there
    /// is no room; each later write then throws too.
    func write(_ bytes: [UInt8]) async throws

    /// Takes the trailer fields that came behind the content (RFC 9110, section 6.5): the last call, and none where there
    /// are no such fields. They pass for no header. Does nothing by itself.
    func end(with trailers: Headers) async throws
}

extension BodyWriter {
    public func end(with trailers: Headers) {}
}
