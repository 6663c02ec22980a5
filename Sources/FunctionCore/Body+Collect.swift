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
        return try await collect(to: Collector(limit: limit, most: length))
    }

    /// As ``collect(upTo:)``; before more than `size` bytes are collected, `check` runs once, and what it throws ends
    /// it. If the length tells that there will be more, `check` runs before anything is read.
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
    /// How many bytes there may be.
    let most: Int
    /// Runs before there is more than `size`.
    private var check: (@Sendable () async throws -> Void)?
    private(set) var bytes: [UInt8] = []

    init(limit: Int, most: Int? = nil, over size: Int = .max, _ check: (@Sendable () async throws -> Void)? = nil) {
        self.limit = limit
        self.most = most ?? limit
        self.size = size
        self.check = check
    }

    func write(_ chunk: [UInt8]) async throws {
        guard bytes.count + chunk.count <= limit else { throw Body.TooLarge(limit: limit) }
        if bytes.count + chunk.count > size { try await check.take()?() }
        let count = bytes.count + chunk.count
        // At once, for the budget of the process counts what has come: an array that grows leaves holes behind and ends
        // up with room for twice that. Memory that is not written to yet is none of the machine's.
        if count > bytes.capacity { bytes.reserveCapacity(max(count, most)) }
        bytes += chunk
    }
}
