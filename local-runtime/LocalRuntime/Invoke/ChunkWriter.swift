import Function

/// Hands a body's chunks to a closure.
struct ChunkWriter: BodyWriter {
    /// Throws when it takes no more.
    let take: @Sendable ([UInt8]) throws -> Void

    func write(_ bytes: [UInt8]) throws {
        try take(bytes)
    }
}
