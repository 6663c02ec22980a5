import Foundation
import FunctionCore
import Testing

@Suite("Query parameters")
struct ParametersTests {
    /// The cases of the Web Platform Tests, which stand beside the repository.
    private static let shared = URL(filePath: #filePath)
        .appending(path: "../../../../shared/data/urlencoded-parser.json").standardized

    private struct Case: Decodable {
        let input: String
        let output: [[String]]
    }

    @Test(
        "the cases of the Web Platform Tests are parsed as they say",
        .enabled(
            if: FileManager.default.fileExists(atPath: shared.path),
            "the cases are not there: ../shared/data/urlencoded-parser.json"
        )
    )
    func webPlatformTests() throws {
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: Self.shared))
        #expect(cases.count == 35)
        for testCase in cases {
            let parsed = Parameters(testCase.input).all.map { [$0.name, $0.value] }
            // Scalar by scalar: equal strings may differ in how they are composed.
            #expect(
                parsed.map { $0.map { Array($0.unicodeScalars) } }
                    == testCase.output.map { $0.map { Array($0.unicodeScalars) } },
                "\(testCase.input)"
            )
        }
    }

    @Test(
        "names and values are split at the first equals sign and decoded apart",
        arguments: [
            ("", []), ("&&", []), ("=", [["", ""]]), ("a", [["a", ""]]), ("a=b=c", [["a", "b=c"]]),
            ("a=1&a=2", [["a", "1"], ["a", "2"]]),
            ("a%3Db%26=c+d%2B", [["a=b&", "c d+"]]), ("100%=%4&%%41=%zz%4", [["100%", "%4"], ["%A", "%zz%4"]]),
            ("a;b=c", [["a;b", "c"]]), ("%F0%9F%98%80=%f0%9f", [["\u{1F600}", "\u{FFFD}"]]),
            ("\u{e9}=%C3%A9", [["\u{e9}", "\u{e9}"]]),
        ] as [(String, [[String]])]
    )
    func parsing(text: String, expected: [[String]]) {
        #expect(Parameters(text).all.map { [$0.name, $0.value] } == expected)
    }

    @Test("a name is looked up as it stands decoded, the first of repeats first")
    func lookup() {
        let request = Request(path: "/", query: "ttl=60&x=1&%74tl=61")
        #expect(request.parameters["ttl"] == "60")
        #expect(request.parameters.values(of: "ttl") == ["60", "61"])
        #expect(request.parameters["TTL"] == nil)
        #expect(Request(path: "/").parameters.all.isEmpty)
    }
}
