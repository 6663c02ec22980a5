import FunctionCore
import Support
import Testing

@Suite("JSON")
struct JSONTests {
    private func read(_ text: String) throws(JSONError) -> JSON {
        try JSONReader.read(Array(text.utf8))
    }

    @Test(
        "values are read according to RFC 8259",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)), ("0", .number(0)), ("-0", .number(0)),
            ("-12.5e+1", .number(-125)), ("1E2", .number(100)), ("[]", .array([])), ("{ }", .object([])),
            ("[1 , \"a\"]", .array([.number(1), .string("a")])), (#""\u00e9\n\/\ud83d\ude00é""#, .string("é\n/😀é")),
            (
                #"{"b":[{}],"a":null}"#,
                .object([.init(name: "b", value: .array([.object([])])), .init(name: "a", value: .null)])
            ),
        ] as [(String, JSON)]
    )
    func values(text: String, value: JSON) throws {
        try expect(read(text), is: value)
    }

    @Test(
        "invalid JSON is refused with the place of the mistake",
        arguments: [
            ("", 1, 1), ("nul", 1, 1), ("01", 1, 2), ("1.", 1, 3), ("+1", 1, 1), (".5", 1, 1), ("1e", 1, 3),
            ("-", 1, 2),
            ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2), ("{\"a\" 1}", 1, 6), ("\"a", 1, 1),
            ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3), ("\"\\x\"", 1, 2), ("\"\\ud800\"", 1, 2), ("\"\\udc00\"", 1, 2),
            ("\"\\ud800\\u0041\"", 1, 2), ("\"\\u12g4\"", 1, 4), ("\"\t\"", 1, 2), ("1 1", 1, 3), ("1e999", 1, 1),
            ("\u{FEFF}1", 1, 1), ("'a'", 1, 1), ("NaN", 1, 1), ("\"\\", 1, 3),
        ]
    )
    func malformed(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try read(text) }
        guard error?.line == line, error?.column == column else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a string that is not UTF-8 is refused")
    func notUTF8() {
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test("64 levels of nesting are read, and more are refused")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(throws: Never.self) { try read(nested(64)) }
        #expect(throws: JSONError.self) { try read(nested(65)) }
        #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 1 << 20)) }
    }

    @Test("a value's description is its JSON text", arguments: [#"{"a":[1,2.5,-3,1e+30,"x\"\n",true,null],"":{}}"#])
    func text(text: String) throws {
        try expect(read(text).description, is: text)
    }

    @Test("a repeated name is refused, in small objects and in large ones", arguments: [1, 15, 16, 17, 100])
    func repeated(count: Int) throws {
        let members = (0..<count).map { #""\#($0)":0"# }.joined(separator: ",")
        try expect(read("{\(members)}").kind, is: .object)
        for name in [0, count / 2, count - 1] {
            #expect(throws: JSONError.self) { try read(#"{\#(members),"\#(name)":0}"#) }
        }
    }
}
