import Foundation
import FunctionCore
import LocalRuntimeConsole
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("replay --report")
struct ReplayReportTests {
    private func report(_ format: String) async throws -> String {
        let folder = try TemporaryFolder()
        try folder.write("a.json", #"{"path":"/<&>\u0001"}"#)
        try folder.write("fine.json", #"{"path":"/"}"#)
        try folder.write("fine.expect.json", #"{"status":404}"#)
        try folder.write(
            "wrong.json",
            #"{"path":"/","headers":{"authorization":"Bearer sk_\#(String(repeating: "a", count: 42))"}}"#
        )
        try folder.write("wrong.expect.json", #"{"status":200,"body":{"code":"<\"&>"}}"#)
        let captured = CapturedConsole()
        let file = folder.path + "/report"
        try await expect(captured.run(["replay", folder.path, "--report", format, file]), is: .unreadableFixture)
        return try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(of: folder.path, with: "F")
    }

    @Test("junit is XML with a case for each fixture, its failures and errors, and no secret")
    func junit() async throws {
        let text = try await report("junit")
        #expect(
            text.hasPrefix(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"replay direct\" tests=\"3\" failures=\"1\" errors=\"1\""
            )
        )
        #expect(
            text.contains(
                "<failure type=\"expectation\" message=\"/status: expected 200, not 404\">F/wrong.expect.json#/status&#10;"
            )
        )
        #expect(text.contains("expected  &quot;&lt;\\&quot;&amp;&gt;&quot;"))
        #expect(text.contains("<error type=\"unreadable\" message=\"unreadable\">F/a.json"))
        #expect(!text.contains("\u{1}") && !text.contains("aaaaaaaaaaaa"))
        let parser = XMLWellFormedness(text)
        #expect(parser.isBalanced)
    }

    @Test("json has the counts, and an object for each fixture")
    func json() async throws {
        let json = try JSONReader.read(Array(try await report("json").utf8))
        var object = try JSONObject(json)
        try expect(object.integer("passed", in: 0...9), is: 1)
        try expect(object.integer("failed", in: 0...9), is: 1)
        try expect(object.array("results")?.count, is: 3)
        #expect(
            "\(json)".contains(#""verdict":"failed","file":"F/wrong.expect.json","mismatches":[{"pointer":"/status""#)
        )
    }

    @Test(
        "an invalid --report is refused",
        arguments: [
            (["--report", "tap", "f"], "--report must be junit or json"), (["--report", "junit"], "needs a value"),
            (["--report"], "--report FORMAT FILE"),
        ]
    )
    func refused(words: [String], message: String) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["replay"] + words), is: .commandLine)
        #expect(captured.messages.contains(message))
    }
}

/// Whether every element that begins also ends.
private struct XMLWellFormedness {
    let isBalanced: Bool

    init(_ text: String) {
        var open: [Substring] = []
        var isBalanced = true
        for piece in text.split(separator: "<").dropFirst() where !piece.hasPrefix("?") {
            let name = piece.prefix { $0 != " " && $0 != ">" && $0 != "/" }
            if piece.hasPrefix("/") {
                isBalanced = isBalanced && open.popLast() == piece.dropFirst().prefix { $0 != ">" }
            } else if !piece.prefix(while: { $0 != ">" }).hasSuffix("/") {
                open.append(name)
            }
        }
        self.isBalanced = isBalanced && open.isEmpty
    }
}
