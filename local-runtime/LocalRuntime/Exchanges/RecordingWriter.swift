import Function

/// Passes a body on, and tells of each chunk that was taken.
struct RecordingWriter: BodyWriter {
    private let next: any BodyWriter
    private let taken: @Sendable ([UInt8]) -> Void

    init(to next: any BodyWriter, taken: @escaping @Sendable ([UInt8]) -> Void) {
        self.next = next
        self.taken = taken
    }

    func write(_ bytes: [UInt8]) async throws {
        try await next.write(bytes)
        taken(bytes)
    }
}
