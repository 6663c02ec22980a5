import FunctionCore
import Testing

@Suite("Query parameters")
struct ParametersTests {
    @Test(
        "names and values are split at the first equals sign and then decoded",
        arguments: [
            ("", []), ("&&", []), ("=", [["", ""]]), ("a", [["a", ""]]), ("a=b=c", [["a", "b=c"]]),
            ("a=1&a=2", [["a", "1"], ["a", "2"]]),
            ("a%3Db%26=c+d%2B", [["a=b&", "c d+"]]), ("100%=%4&%%41=%zz%4", [["100%", "%4"], ["%A", "%zz%4"]]),
            ("a;b=c", [["a;b", "c"]]), ("%F0%9F%98%80=%f0%9f", [["\u{1F600}", "\u{FFFD}"]]),
            ("\u{e9}=%C3%A9", [["\u{e9}", "\u{e9}"]]),
            ("&a", [["a", ""]]), ("a&", [["a", ""]]), ("&&a=1&&&b&", [["a", "1"], ["b", ""]]), ("=x", [["", "x"]]),
            ("%41%3D=%3d%26", [["A=", "=&"]]), ("+=+%20+", [[" ", "   "]]), ("a=%2B%0D%0a", [["a", "+\r\n"]]),
            ("%", [["%", ""]]), ("a=%4%34", [["a", "%44"]]), ("%%%", [["%%%", ""]]), ("a=%G1", [["a", "%G1"]]),
            ("\u{FEFF}k=%EF%BB%BFv", [["\u{FEFF}k", "\u{FEFF}v"]]), ("%EF%BF%BF=\u{FFFF}", [["\u{FFFF}", "\u{FFFF}"]]),
            ("a=%FF%FE", [["a", "\u{FFFD}\u{FFFD}"]]), ("a=%C2", [["a", "\u{FFFD}"]]),
            ("a=%C2b", [["a", "\u{FFFD}b"]]),
            ("a=%C2+%A9", [["a", "\u{FFFD} \u{FFFD}"]]), ("a=%E2%82%AC%E2%82", [["a", "\u{20AC}\u{FFFD}"]]),
            ("charset=latin1&a=%E9", [["charset", "latin1"], ["a", "\u{FFFD}"]]),
            ("e%CC%81=1&%C3%A9=2", [["e\u{301}", "1"], ["\u{e9}", "2"]]), ("a=%00", [["a", "\0"]]),
        ] as [(String, [[String]])]
    )
    func parsing(text: String, expected: [[String]]) {
        // Scalar by scalar: equal strings may differ in composition.
        let parsed = Parameters(text).all.map { [$0.name, $0.value].map { Array($0.unicodeScalars) } }
        #expect(parsed == expected.map { $0.map { Array($0.unicodeScalars) } })
    }

    @Test("a lookup compares decoded names and returns the first of several values")
    func lookup() {
        let request = Request(path: "/", query: "ttl=60&x=1&%74tl=61")
        #expect(request.parameters["ttl"] == "60")
        #expect(request.parameters.values(of: "ttl") == ["60", "61"])
        #expect(request.parameters["TTL"] == nil)
        #expect(Request(path: "/").parameters.all.isEmpty)
    }
}
