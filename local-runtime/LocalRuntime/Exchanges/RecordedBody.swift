/// The beginning of a body, and how much there was of it.
struct RecordedBody: Sendable {
    /// How many bytes are kept.
    static let limit = 4096

    private(set) var bytes: [UInt8] = []
    /// How many bytes there were until now.
    private(set) var size = 0

    mutating func append(_ chunk: [UInt8]) {
        size += chunk.count
        bytes += chunk.prefix(Self.limit - bytes.count)
    }
}
