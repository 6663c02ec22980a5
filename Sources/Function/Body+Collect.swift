extension Body {
    /// Thrown by ``collect(upTo:)`` for a body that is longer than its reader takes.
    public struct TooLarge: Error, Sendable {
        /// The most bytes that would have been taken.
        public let limit: Int
    }

    /// The whole content, if it has at most `limit` bytes; else throws ``TooLarge`` as soon as that is known.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        if let length, length > limit { throw TooLarge(limit: limit) }
        if case .bytes(let bytes) = storage { return bytes }
        let collector = Collector(limit: limit)
        try await write(to: collector)
        return await collector.bytes
    }
}

private actor Collector: BodyWriter {
    let limit: Int
    private(set) var bytes: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    func write(_ chunk: [UInt8]) throws {
        guard bytes.count + chunk.count <= limit else { throw Body.TooLarge(limit: limit) }
        bytes += chunk
    }
}
