import FunctionBytes
import FunctionCore

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    precondition(PercentEncoding.decode(bytes).count <= bytes.count, "decoding makes more of it")

    let parameters = Parameters(String(decoding: bytes, as: UTF8.self)).all
    precondition(parameters.count <= bytes.count { $0 == UInt8(ascii: "&") } + 1, "more pairs than separators allow")
    var again: [UInt8] = []
    for parameter in parameters {
        encode(parameter.name, into: &again)
        again.append(UInt8(ascii: "="))
        encode(parameter.value, into: &again)
        again.append(UInt8(ascii: "&"))
    }
    let scalars = { (parameter: Parameters.Parameter) in
        [Array(parameter.name.unicodeScalars), Array(parameter.value.unicodeScalars)]
    }
    precondition(
        Parameters(String(decoding: again, as: UTF8.self)).all.map(scalars) == parameters.map(scalars),
        "encoding and decoding differ"
    )
    return 0
}

private func encode(_ text: String, into bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    for byte in text.utf8 {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
