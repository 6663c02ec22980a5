/// Parts what a function streams to HTTP into its prelude, eight NUL bytes, and the content behind them.
/// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
struct StreamPrelude: Sendable {
    /// The longest prelude, in bytes.
    static let limit = 64 * 1024
    private static let separatorLength = 8

    private(set) var bytes: [UInt8] = []
    private var zeros = 0

    /// Takes a chunk; answers what of it is content, once the prelude is whole; nil before.
    mutating func take(_ chunk: [UInt8]) -> ArraySlice<UInt8>? {
        for (index, byte) in chunk.enumerated() {
            bytes.append(byte)
            zeros = byte == 0 ? zeros + 1 : 0
            guard zeros == Self.separatorLength else { continue }
            bytes.removeLast(Self.separatorLength)
            return chunk[(index + 1)...]
        }
        return nil
    }
}
