import FunctionRedis

/// The first byte is the size of the pieces, the rest is what a server sends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRedisReply(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let seed = input.first else { return 0 }
    let bytes = input.dropFirst()
    let whole = replies(in: bytes, pieceSize: max(1, bytes.count))
    let pieces = replies(in: bytes, pieceSize: 1 + Int(seed & 15))
    precondition(pieces == whole, "the split matters")
    return 0
}

private struct Outcome: Equatable {
    var replies: [String] = []
    var failed = false
}

private func replies(in bytes: ArraySlice<UInt8>, pieceSize: Int) -> Outcome {
    var reader = ReplyReader()
    var outcome = Outcome()
    var rest = bytes
    while !rest.isEmpty {
        rest.prefix(pieceSize).withUnsafeBytes { reader.feed($0) }
        rest = rest.dropFirst(pieceSize)
        do throws(RedisProtocolError) {
            while let reply = try reader.next() { outcome.replies.append("\(reply)") }
        } catch {
            outcome.failed = true
            return outcome
        }
    }
    return outcome
}
