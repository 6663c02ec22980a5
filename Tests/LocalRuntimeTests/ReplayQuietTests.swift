import FunctionCore
import Support
import Testing

@testable import LocalRuntimeConsole

@Suite("The end of a replay's report")
struct ReplayQuietTests {
    private func replay(_ statuses: [String: Int], _ words: String...) async throws -> CapturedConsole {
        let folder = try TemporaryFolder()
        for (name, status) in statuses {
            try folder.write("\(name).json", #"{"path":"/"}"#)
            try folder.write("\(name).expect.json", #"{"status":\#(status)}"#)
        }
        let captured = CapturedConsole()
        _ = try await captured.run(["replay", folder.path, "--seed", "1"] + words)
        return captured
    }

    /// The lines that name a fixture, shortened, and the other lines that are not indented.
    private func lines(_ captured: CapturedConsole) -> [String] {
        captured.output.split(separator: "\n").filter { !$0.hasPrefix("  ") }
            .map { line in line.contains("/") ? String(line.prefix(4) + line.suffix(2)) : String(line) }
    }

    @Test("failures are repeated at the end, with their differences")
    func repeated() async throws {
        let captured = try await replay(["a": 404, "b": 200, "c": 404, "d": 200, "e": 404])
        let failures = ["FAIL/b", "FAIL/d"]
        #expect(
            lines(captured)
                == ["ok  /a", "FAIL/b", "ok  /c", "FAIL/d", "ok  /e", "The failures again:"] + failures
                + ["3 passed, 2 failed"]
        )
        #expect(captured.output.ranges(of: "b.expect.json#/status\n          expected  200\n").count == 2)
    }

    @Test("failures that are at the end anyway are not repeated")
    func atTheEnd() async throws {
        try await expect(lines(replay(["a": 404, "b": 200])), is: ["ok  /a", "FAIL/b", "1 passed, 1 failed"])
        try await expect(lines(replay(["a": 404])), is: ["ok  /a", "1 passed, 0 failed"])
        try await expect(lines(replay(["a": 200])), is: ["FAIL/a", "0 passed, 1 failed"])
    }

    @Test("--quiet leaves out everything else")
    func quiet() async throws {
        let red = try await replay(["a": 404, "b": 200, "c": 404], "--quiet")
        #expect(lines(red) == ["FAIL/b", "2 passed, 1 failed"])
        #expect(red.output.contains("expected  200") && red.messages == "")
        let green = try await replay(["a": 404, "b": 404], "--quiet")
        #expect(green.output == "2 passed, 0 failed\n" && green.messages == "")
    }
}
