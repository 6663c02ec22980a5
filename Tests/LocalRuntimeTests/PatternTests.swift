import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("Patterns")
struct PatternTests {
    private func read(_ text: String) throws -> JSON {
        try JSONReader.read(Array(text.utf8))
    }

    private func mismatches(_ pattern: String, _ actual: String?) throws -> [Mismatch] {
        let actual = try actual.map { try read($0) }
        return try Pattern(try read(pattern), at: .root).mismatches(actual, at: .root)
    }

    @Test(
        "a pattern matches the values that it describes",
        arguments: [
            ("1", "1.0"), (#""a""#, #""a""#), ("null", "null"), ("[1,2]", "[1,2]"),
            (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#),
            (#"{"a":1}"#, #"{"a":1,"b":2}"#), ("{}", #"{"a":1}"#), (#"{"$type":"integer"}"#, "60"),
            (#"{"$type":"number"}"#, "60.5"), (#"{"$type":"boolean"}"#, "false"), (#"{"$type":"array"}"#, "[]"),
            (#"{"$regex":"a+"}"#, #""aa""#), (#"{"$range":[1,300]}"#, "1"), (#"{"$range":[1,300]}"#, "300"),
            (#"{"$range":[1,300]}"#, #""60""#), (#"{"$oneOf":[1,"a"]}"#, #""a""#), (#"{"$length":2}"#, #""é1""#),
            (#"{"$length":0}"#, "[]"), (#"{"$length":{"$range":[1,2]}}"#, #"{"a":1}"#),
            (#"{"$exact":{"a":{"b":1}}}"#, #"{"a":{"b":1}}"#), (#"{"a":{"$absent":true}}"#, "{}"),
            (#"{"$type":"string","$length":1}"#, #""a""#), (#"[{"a":1}]"#, #"[{"a":1,"b":2}]"#),
        ]
    )
    func holds(pattern: String, actual: String) throws {
        try expect(mismatches(pattern, actual), is: [])
    }

    @Test(
        "a pattern matches nothing else, and reports the place",
        arguments: [
            ("1", "2", [""]), ("1", #""1""#, [""]), ("[1,2]", "[1]", [""]), ("[1,2]", "[2,1]", ["/0", "/1"]),
            (#"{"a":1}"#, "{}", ["/a"]), (#"{"a":1}"#, "[]", [""]),
            (#"{"a":{"b":[1]}}"#, #"{"a":{"b":[2]}}"#, ["/a/b/0"]),
            (#"{"$type":"integer"}"#, "60.5", [""]), (#"{"$type":"string"}"#, "1", [""]),
            (#"{"$regex":"a"}"#, #""ab""#, [""]),
            (#"{"$regex":"1"}"#, "1", [""]), (#"{"$range":[1,300]}"#, "301", [""]),
            (#"{"$range":[1,300]}"#, #""x""#, [""]),
            (#"{"$oneOf":[1,2]}"#, "3", [""]), (#"{"$length":2}"#, #""a""#, ["/$length"]),
            (#"{"$length":2}"#, "2", [""]),
            (#"{"$exact":{"a":1}}"#, #"{"a":1,"b":2}"#, ["/$exact"]),
            (#"{"$exact":{"a":{"b":1}}}"#, #"{"a":{"b":1,"c":2}}"#, ["/$exact/a"]),
            (#"{"a":{"$absent":true}}"#, #"{"a":null}"#, ["/a"]), (#"{"a":{"$type":"string"}}"#, "{}", ["/a"]),
            (#"{"$type":"string","$length":1}"#, #""ab""#, ["/$length"]), ("null", "0", [""]), ("1", nil, [""]),
            (#"{"a~b/c":1}"#, #"{"a~b/c":2}"#, ["/a~0b~1c"]),
        ] as [(String, String?, [String])]
    )
    func holdsNot(pattern: String, actual: String?, pointers: [String]) throws {
        try expect(mismatches(pattern, actual).map(\.pointer.description), is: pointers)
    }

    @Test("a mismatch shows the expected and the actual value")
    func shows() throws {
        let mismatch = try #require(try mismatches(#"{"a":{"$range":[1,2]}}"#, #"{"a":3}"#).first)
        #expect(mismatch.expected == #"{"$range":[1,2]}"#)
        #expect(mismatch.actual == "3")
    }

    @Test(
        "a malformed pattern is refused with its place",
        arguments: [
            (#"{"$typ":"string"}"#, "/$typ"), (#"{"$type":"text"}"#, "/$type"), (#"{"$type":1}"#, "/$type"),
            (#"{"$regex":"("}"#, "/$regex"), (#"{"$range":[2,1]}"#, "/$range"), (#"{"$range":[1]}"#, "/$range"),
            (#"{"$oneOf":1}"#, "/$oneOf"), (#"{"$absent":false}"#, "/$absent"), (#"{"$type":"string","a":1}"#, ""),
            (#"[{"a":{"$length":{"$x":1}}}]"#, "/0/a/$length/$x"),
        ]
    )
    func malformed(pattern: String, pointer: String) {
        let error = #expect(throws: JSONDocumentError.self) { try Pattern(try read(pattern), at: .root) }
        guard case .shape(let place, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(place.description == pointer)
    }
}
