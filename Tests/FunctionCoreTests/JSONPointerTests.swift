import Testing

@testable import FunctionCore

@Suite("JSON pointer")
struct JSONPointerTests {
    @Test("a pointer escapes ~ and /")
    func pointer() {
        let pointer = JSONPointer.root.appending("a/b").appending(0).appending("~1").appending("")
        #expect(pointer.description == "/a~1b/0/~01/")
        #expect(JSONPointer.root.description == "")
    }
}
