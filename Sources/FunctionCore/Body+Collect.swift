extension Body {
    /// Thrown by ``collect(upTo:)`` for a body over the limit.
    public struct TooLarge: Error, Sendable {
        /// In bytes.
        public let limit: Int
    }

    /// Returns the whole content if it has at most `limit` bytes; otherwise throws ``TooLarge`` as soon as that is known.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        if let length, length > limit { throw TooLarge(limit: limit) }
        if case .bytes(let bytes) = storage { return bytes }
        return try await collect(to: Collector(limit: limit, maxCount: length))
    }

    /// As ``collect(upTo:)``, but runs `check` once before it collects more than `size` bytes, and rethrows its error. If
    /// the length is known to be over `size`, `check` runs before anything is read.
    public func collect(
        upTo limit: Int,
        over size: Int,
        _ check: @escaping @Sendable () async throws -> Void
    ) async throws -> [UInt8] {
        if let length {
            guard length <= limit, length > size else { return try await collect(upTo: limit) }
            try await check()
            return try await collect(upTo: limit)
        }
        return try await collect(to: Collector(limit: limit, over: size, check))
    }

    private func collect(to collector: Collector) async throws -> [UInt8] {
        try await write(to: collector)
        return await collector.bytes
    }
}

private actor Collector: BodyWriter {
    let limit: Int
    let size: Int
    /// The most bytes expected in total: the length if known, otherwise the limit.
    let maxCount: Int
    /// Runs before more than `size` bytes are collected.
    private var check: (@Sendable () async throws -> Void)?
    private(set) var bytes: [UInt8] = []

    init(limit: Int, maxCount: Int? = nil, over size: Int = .max, _ check: (@Sendable () async throws -> Void)? = nil) {
        self.limit = limit
        self.maxCount = maxCount ?? limit
        self.size = size
        self.check = check
    }

    func write(_ chunk: [UInt8]) async throws {
        guard bytes.count + chunk.count <= limit else { throw Body.TooLarge(limit: limit) }
        if bytes.count + chunk.count > size { try await check.take()?() }
        let count = bytes.count + chunk.count
        // Reserve everything at once. The process' budget counts received bytes, but an array that grows step by step
        // leaves holes in the heap and ends with up to twice the room. Reserved pages cost no memory until written.
        if count > bytes.capacity { bytes.reserveCapacity(max(count, maxCount)) }
        bytes += chunk
    }
}
