import FunctionCore
import Support
import Testing

@Suite("Text from outside is compared by its bytes")
struct ExactTextTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    @Test("canonically equivalent texts differ, also in sets and parameters")
    func bytesDecide() {
        #expect(Self.composed == Self.decomposed)
        #expect(!Self.composed.hasSameBytes(as: Self.decomposed))
        #expect(Self.composed.hasSameBytes(as: Self.composed[...]))
        #expect(Set([ExactText(Self.composed), ExactText(Self.decomposed), ExactText(Self.composed)]).count == 2)
        // To Unicode, the Kelvin sign is equivalent to K.
        #expect(ExactText("\u{212A}") != ExactText("K"))
        let parameters = Parameters("caf%C3%A9=1&cafe%CC%81=2")
        #expect(parameters[Self.composed] == "1")
        #expect(parameters[Self.decomposed] == "2")
        #expect(parameters.values(of: Self.composed) == ["1"])
        #expect(Parameters("a=%C3%A9") != Parameters("a=e%CC%81"))
    }

    @Test("an object may have both names, each with its own value", arguments: [0, 20])
    func jsonNames(others: Int) throws {
        let filler = (0..<others).map { "\"n\($0)\":0," }.joined()
        let text = "{\(filler)\"\(Self.composed)\":1,\"\(Self.decomposed)\":2}"
        var object = try JSONObject(reading: Array(text.utf8))
        #expect(object[Self.composed] == .number(1))
        #expect(object[Self.decomposed] == .number(2))
        let twice = "{\(filler)\"\(Self.composed)\":1,\"caf\\u00e9\":2}"
        #expect(throws: JSONError.self) { try JSONReader.read(Array(twice.utf8)) }
    }

    @Test("JSON strings are equal only if their bytes are")
    func jsonValues() {
        #expect(JSON.string(Self.composed) != .string(Self.decomposed))
        let object = JSON.object([.init(name: Self.composed, value: .null)])
        #expect(object != .object([.init(name: Self.decomposed, value: .null)]))
        #expect(JSON.array([.string(Self.composed)]) == .array([.string(Self.composed)]))
    }
}
