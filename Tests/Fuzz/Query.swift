import Function

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    precondition(PercentEncoding.decode(bytes).count <= bytes.count, "decoding makes more of it")

    let parameters = Parameters(String(decoding: bytes, as: UTF8.self)).all
    precondition(parameters.count <= bytes.count { $0 == UInt8(ascii: "&") } + 1, "more pairs than separators allow")
    let again = parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    let scalars = { (parameter: Parameters.Parameter) in
        [Array(parameter.name.unicodeScalars), Array(parameter.value.unicodeScalars)]
    }
    precondition(Parameters(again).all.map(scalars) == parameters.map(scalars), "encoding and decoding differ")
    return 0
}

private func encoded(_ text: String) -> String {
    text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
