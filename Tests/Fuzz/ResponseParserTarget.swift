import FunctionCore
import FunctionHTTP

/// The first byte seeds the pieces and the method, the rest is what a server sends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzResponseParser(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let seed = input.first else { return 0 }
    let bytes = input.dropFirst()
    let limits = seed & 1 == 0 ? ResponseLimits() : ResponseLimits(head: 96, fields: 4)
    let method = seed & 2 == 0 ? Method.get : .head
    let whole = ResponseTranscript(of: [bytes], to: method, limits: limits)
    for pieces in [pieces(of: bytes, seed: seed), bytes.indices.map { bytes[$0...$0] }] {
        precondition(ResponseTranscript(of: pieces, to: method, limits: limits) == whole, "the split matters")
    }
    precondition(whole.content.count <= bytes.count, "content out of nowhere")
    guard let head = whole.head else {
        precondition(whole.content.isEmpty, "content without a head")
        if case .complete = whole.ending { preconditionFailure("complete without a head") }
        return 0
    }
    precondition(head.headers.fields.count <= limits.fields, "too many fields")
    precondition(method == .get || whole.content.isEmpty, "content to HEAD")
    if case .length(let length) = head.framing {
        precondition(whole.content.count <= length, "content over its length")
        if case .complete = whole.ending {
            precondition(whole.content.count == length, "the end is not where it was said")
        }
    }
    return 0
}
