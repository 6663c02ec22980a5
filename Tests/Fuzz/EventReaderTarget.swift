import FunctionCore

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEventReader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let json = try? JSONReader.read(bytes) {
        let text = json.description
        let again = try? JSONReader.read(Array(text.utf8))
        precondition(again == json, "what is written is not what was read")
    }
    do throws(FixtureError) {
        let request = try EventReader.read(bytes)
        precondition(request.path.utf8.first == UInt8(ascii: "/"), "the path is no path")
        let target = request.path + (request.query ?? "")
        precondition(target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "the target is no target")
        precondition(!(request.path.utf8.contains(UInt8(ascii: "?"))), "a query within the path")
    } catch {
        precondition(!error.description.isEmpty, "no reason")
    }
    return 0
}
