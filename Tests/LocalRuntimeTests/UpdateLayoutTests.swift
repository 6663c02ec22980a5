import Foundation
import FunctionCore
import Support
import Testing

@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("replay --update and the layout of files")
struct UpdateLayoutTests {
    /// How many lines a diff of two texts removes and adds.
    private func difference(_ old: String, _ new: String) -> (gone: Int, new: Int) {
        let lines = { (text: String) in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        let difference = lines(new).difference(from: lines(old))
        return (difference.removals.count, difference.insertions.count)
    }

    private static let event = #"{"method":"PUT","path":"/api/v1/token"}"#

    /// Layouts of an expectation in which only the status is wrong.
    private static let layouts = [
        "{\n  \"status\": 200\n}\n", "{\n  \"status\": 200\n}", "{\"status\":200}", "{ \"status\" : 200 }\n\n",
        "{\r\n\t\"status\": 200,\r\n\t\"headers\": {\"allow\": \"GET, POST\"}\r\n}\r\n",
        "\u{FEFF}{\n    \"body\": {\n        \"error\": {\"$type\": \"string\"}, \"code\": {\"$type\": \"string\"}\n    },\n    \"status\": 200\n}\n",
        "\n{\"$schema\": \"x\",\n\"given\": { \"organizations\":[ ] },\n   \"status\" :200, \"headers\": {  } }\n",
        "{\n  \"status\": 2e2,\n  \"complete\": true\n}\n",
        "{\n  \"headers\": {\n    \"content-type\": \"\\u0061pplication\\/json\"\n  },\n  \"status\": 200\n}\n",
    ]

    @Test("one changed value is one line of a diff in any layout", arguments: layouts)
    func oneLine(text: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.json", Self.event)
        try folder.write("a.expect.json", text)
        try await expect(CapturedConsole().run(["replay", folder.path, "--update"]), is: .success)
        let bytes = try #require(FileManager.default.contents(atPath: folder.path + "/a.expect.json"))
        let written = String(decoding: bytes, as: UTF8.self)
        let expected = text.replacingOccurrences(of: "2e2", with: "405").replacingOccurrences(of: "200", with: "405")
        #expect(Array(written.utf8) == Array(expected.utf8))
    }

    @Test("a file's permissions and links are kept")
    func file() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.json", Self.event)
        try folder.write("kept", "{\"status\":200}")
        #expect(chmod(folder.path + "/kept", 0o640) == 0)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/a.expect.json",
            withDestinationPath: folder.path + "/kept"
        )
        try await expect(CapturedConsole().run(["replay", folder.path, "--update"]), is: .success)
        try expect(String(contentsOfFile: folder.path + "/kept", encoding: .utf8), is: "{\"status\":405}")
        try expect(FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/a.expect.json"), isNot: "")
        try expect(
            FileManager.default.attributesOfItem(atPath: folder.path + "/kept")[.posixPermissions] as? Int,
            is: 0o640
        )
        try expect(FileManager.default.contentsOfDirectory(atPath: folder.path).count, is: 3)
    }

    /// An old text, the new value, and the expected new text.
    private static let changes: [(String, String, String)] = [
        ("{\"a\":1,\"b\":2,\"c\":3}", #"{"a":1,"c":3}"#, "{\"a\":1,\"c\":3}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", #"{"b":2}"#, "{\n  \"b\": 2\n}\n"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}\n", #"{"a":1}"#, "{\n  \"a\": 1\n}\n"),
        ("{\n  \"a\": 1\n}\n", "{}", "{}\n"),
        ("{\n  \"a\": 1\n}\n", #"{"b":2,"a":1}"#, "{\n  \"a\": 1,\n  \"b\": 2\n}\n"),
        (
            "{\n    \"a\": 1\n}\n", #"{"a":1,"b":{"c":[1]}}"#,
            "{\n    \"a\": 1,\n    \"b\": {\n        \"c\": [\n            1\n        ]\n    }\n}\n"
        ),
        ("{\r\n\t\"a\": {}\r\n}", #"{"a":{"b":1}}"#, "{\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}"),
        ("{\"a\": []}", #"{"a":[1,{"b":2}]}"#, "{\"a\": [1, {\"b\": 2}]}"),
        ("{\"a\":[]}", #"{"a":[1,2]}"#, "{\"a\":[1,2]}"),
        ("[\n  1,\n  2,\n  3\n]", "[0,1,2,3]", "[\n  0,\n  1,\n  2,\n  3\n]"),
        ("[\n  1,\n  2,\n  3\n]", "[1,3]", "[\n  1,\n  3\n]"),
        ("[1,  2,3]", "[1,2,5,3]", "[1,  2,  5,3]"),
        ("[1, 2, 3]", "[1, 9, 3]", "[1, 9, 3]"),
        ("[{\"a\": 1, \"b\": 2}, {\"a\": 3}]", #"[{"a":1,"b":5},{"a":3}]"#, "[{\"a\": 1, \"b\": 5}, {\"a\": 3}]"),
        (
            "{\"é\":1.0,\"\\u00e9x\":\"\\\"\"}", #"{"é":1,"éx":"\"","z":true}"#,
            "{\"é\":1.0,\"\\u00e9x\":\"\\\"\",\"z\":true}"
        ),
        (" 1 ", "2", " 2 "),
        ("{\n  \"a\": {\"b\": 1, \"c\": 2}\n}", #"{"a":{"c":2,"d":[]}}"#, "{\n  \"a\": {\"c\": 2, \"d\": []}\n}"),
    ]

    @Test("changes are written in the layout of the rest", arguments: changes)
    func changed(text: String, new: String, expected: String) throws {
        let written = try #require(JSONText(Array(text.utf8)))
        let value = try JSONReader.read(Array(new.utf8))
        let bytes = written.replaced(by: value)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        // It has the new value, except for the order.
        try expect(sorted(JSONReader.read(bytes)), is: sorted(value))
        #expect(written.replaced(by: written.json) == Array(text.utf8))
    }

    private func sorted(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            .object(members.map { .init(name: $0.name, value: sorted($0.value)) }.sorted { $0.name < $1.name })
        case .array(let elements): .array(elements.map(sorted))
        case .null, .bool, .number, .string: json
        }
    }

    @Test("any change of any value results in the new value")
    func random() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let (old, new) = (Self.value(3, &generator), Self.value(3, &generator))
            for text in [old.description, old.formatted] {
                let written = try #require(JSONText(Array(text.utf8)))
                let bytes = written.replaced(by: new)
                try expect(sorted(JSONReader.read(bytes)), is: sorted(new), "\(text) to \(new)")
            }
        }
    }

    private static func value(_ depth: Int, _ generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: depth == 0 ? 2...4 : 0...4, using: &generator) {
        case 0: .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth - 1, &generator) })
        case 1:
            .object(
                ["a", "b", "ü", "d"].filter { _ in Bool.random(using: &generator) }.map {
                    .init(name: $0, value: value(depth - 1, &generator))
                }
            )
        case 2: .null
        case 3: .number(Double(Int.random(in: 0...2, using: &generator)))
        default: .string("\"\\\n{[,")
        }
    }
}
