import FunctionHTTP

/// The first byte seeds the pieces, the rest is what a client sends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestParser(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let seed = input.first else { return 0 }
    let bytes = input.dropFirst()
    let limits = seed & 1 == 0 ? RequestLimits() : RequestLimits(target: 16, head: 96, fields: 4, body: 32)
    let whole = Transcript(of: [bytes], limits: limits)
    precondition(Transcript(of: pieces(of: bytes, seed: seed), limits: limits) == whole, "the split matters")
    precondition(Transcript(of: bytes.indices.map { bytes[$0...$0] }, limits: limits) == whole, "the split matters")
    precondition(whole.messages.reduce(0) { $0 + $1.content.count } <= bytes.count, "content out of nowhere")
    for message in whole.messages {
        // A target in absolute form gives HTTP/1.0 a Host that did not come as a field.
        let derived = message.head.version == .http10 && message.head.headers[.host] != nil ? 1 : 0
        precondition(message.head.headers.fields.count <= limits.fields + derived, "too many fields")
        if case .length(let length) = message.head.framing {
            precondition(length <= limits.body && message.content.count <= length, "content over its length")
            precondition(message.isComplete == (message.content.count == length), "the end is not where it was said")
        }
    }
    return 0
}
