/// Bytes on their way to the server.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    /// How many of `bytes` are written already.
    private var consumed = 0
    /// How many were written before those in `bytes`.
    private var earlier = 0

    /// How many bytes are still to be written.
    var pendingCount: Int { bytes.count - consumed }
    /// How many bytes are held, those that are written included.
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
            // A burst's buffer is not kept for ever.
            bytes.removeAll(keepingCapacity: bytes.capacity <= 256 << 10)
        } else if consumed >= 64 << 10 && consumed * 2 >= bytes.count {
            // A server that always leaves something unread must not make what it has read pile up.
            bytes.removeFirst(consumed)
        } else {
            return
        }
        earlier += consumed
        consumed = 0
    }
}
