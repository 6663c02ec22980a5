import FunctionCore

/// Reads the input as JSON, and makes an object of it: the names are what stands between bytes 0xFF.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let json = try? JSONReader.read(bytes) {
        check(json)
        precondition(
            (try? JSONReader.read(Array(json.description.utf8))) == json,
            "what is written is not what was read"
        )
    }
    checkNames(
        bytes.split(separator: 0xFF, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    )
    return 0
}

/// No object has a name twice.
private func check(_ json: JSON) {
    switch json {
    case .null, .bool, .number, .string: break
    case .array(let elements): elements.forEach(check)
    case .object(let members):
        precondition(Set(members.map { Array($0.name.utf8) }).count == members.count, "a name twice")
        for member in members { check(member.value) }
    }
}

/// An object is read if and only if the bytes of its names differ, and each name leads to its own value.
private func checkNames(_ names: [String]) {
    let members = names.enumerated().map { JSON.Member(name: $0.element, value: .number(Double($0.offset))) }
    let json = try? JSONReader.read(Array(JSON.object(members).description.utf8))
    let areDistinct = Set(names.map { Array($0.utf8) }).count == names.count
    precondition((json != nil) == areDistinct, "names are told apart by something else than their bytes")
    guard case .object(let read)? = json else { return }
    // Each look-up takes time in proportion to the object; of many names, the first will do.
    for (index, name) in names.prefix(64).enumerated() {
        precondition(read.value(of: name) == .number(Double(index)), "a name leads to another's value")
    }
}
