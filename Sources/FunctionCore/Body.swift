/// The content of a request or a response: bytes in memory, or a stream that is produced while it is sent.
public struct Body: Sendable {
    /// Writes a stream's chunks, one after another. If it throws, the receiver learns that the stream is incomplete.
    ///
    /// A response's producer always runs once; if the client has gone, its writes throw. So it can release its resources
    /// when it ends.
    public typealias Producer = @Sendable (any BodyWriter) async throws -> Void

    package enum Storage: Sendable {
        case bytes([UInt8])
        // Indirect, so that a body takes one word in the requests and responses that are passed around.
        indirect case stream(length: Int?, Producer)
    }

    package let storage: Storage

    private init(_ storage: Storage) {
        self.storage = storage
    }

    /// No content.
    public static let empty = Body.bytes([])

    public static func bytes(_ bytes: [UInt8]) -> Body {
        Body(.bytes(bytes))
    }

    /// Text, as UTF-8.
    public static func text(_ text: String) -> Body {
        Body(.bytes(Array(text.utf8)))
    }

    /// Content that `producer` writes while it is sent. `length` is in bytes, if known in advance.
    public static func stream(length: Int? = nil, _ producer: @escaping Producer) -> Body {
        Body(.stream(length: length, producer))
    }

    /// The number of bytes, if known in advance.
    public var length: Int? {
        switch storage {
        case .bytes(let bytes): bytes.count
        case .stream(let length, _): length
        }
    }

    /// Writes every chunk to `writer`.
    public func write(to writer: any BodyWriter) async throws {
        switch storage {
        case .bytes(let bytes):
            if !bytes.isEmpty { try await writer.write(bytes) }
        case .stream(_, let producer):
            try await producer(writer)
        }
    }

    /// Drops the content without sending it. A stream's producer still runs, and its first write throws.
    public func discard() async {
        guard case .stream(_, let producer) = storage else { return }
        try? await producer(ClosedWriter())
    }

    private struct ClosedWriter: BodyWriter {
        struct Closed: Error {}

        func write(_ bytes: [UInt8]) throws { throw Closed() }
    }
}

/// The destination of a body.
public protocol BodyWriter: Sendable {
    /// Takes a chunk and returns once there is room for the next one (backpressure).
    ///
    /// Throws if the receiver has gone or takes no more, or if the caller's task is cancelled while there is no room.
    /// Every later write then throws as well.
    func write(_ bytes: [UInt8]) async throws

    /// Takes the trailer fields (RFC 9110, section 6.5). Called last, and only if there were trailers; they are never
    /// merged into the headers. The default does nothing.
    func end(with trailers: Headers) async throws
}

extension BodyWriter {
    public func end(with trailers: Headers) {}
}
