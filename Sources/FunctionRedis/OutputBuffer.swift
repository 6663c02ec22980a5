/// The bytes to send to the server.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    /// How many of `bytes` are already written.
    private var consumed = 0
    /// How many bytes were written before those in `bytes`.
    private var earlier = 0

    /// How many bytes are still to be written.
    var pendingCount: Int { bytes.count - consumed }
    /// How many bytes are in memory, the written ones included.
    var heldCount: Int { bytes.count }
    /// How many bytes were ever written.
    var writtenTotal: Int { earlier + consumed }
    /// How many bytes were ever appended.
    var appendedTotal: Int { earlier + bytes.count }

    mutating func append(_ body: (inout [UInt8]) -> Void) {
        body(&bytes)
    }

    func withPending<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.extracting(consumed...))
    }

    mutating func consume(_ count: Int) {
        consumed += count
        if consumed == bytes.count {
            // Do not keep the buffer of a burst.
            bytes.removeAll(keepingCapacity: bytes.capacity <= 256 << 10)
        } else if consumed >= 64 << 10 && consumed * 2 >= bytes.count {
            // If the server never reads everything, the written bytes must not pile up.
            bytes.removeFirst(consumed)
        } else {
            return
        }
        earlier += consumed
        consumed = 0
    }
}
