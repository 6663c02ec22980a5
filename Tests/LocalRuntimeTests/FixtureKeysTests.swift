import FunctionCore
import StreamTokens
import Support
import Testing

@testable import LocalRuntimeConsole

@Suite("keys fixture")
struct FixtureKeysTests {
    private func run(_ words: String...) async throws -> (ExitCode, [String], String) {
        let captured = CapturedConsole()
        let code = try await captured.run(["keys", "fixture"] + words)
        return (code, captured.output.split(separator: "\n").map(String.init), captured.messages)
    }

    @Test("makes a key and a token of one organization, different each time, and needs no Redis")
    func one() async throws {
        let (code, lines, messages) = try await run()
        #expect(code == .success && lines.count == 2 && messages == "")
        let key = try #require(APIKey(lines[0]))
        try expect(#require(StreamToken(lines[1])).tag, is: key.tag)
        try await expect(run().1, isNot: lines)
    }

    @Test("makes the requested numbers of keys and tokens, with the requested tag")
    func several() async throws {
        let (code, lines, _) = try await run("--keys", "2", "--tokens=3", "--tag", "Fixed1")
        #expect(code == .success)
        #expect(lines.prefix(2).allSatisfy { APIKey($0)?.tag.text == "Fixed1" })
        #expect(
            lines.dropFirst(2).count == 3 && lines.dropFirst(2).allSatisfy { StreamToken($0)?.tag.text == "Fixed1" }
        )
        #expect(Set(lines).count == 5)
        try await expect(run("--keys", "0", "--tokens", "0").1, is: [])
    }

    @Test("--json has the form of an organization in a fixture")
    func json() async throws {
        let (_, lines, _) = try await run("--json", "--tokens", "2")
        #expect(lines.count == 1)
        let folder = try TemporaryFolder()
        let organization = #"{"name":"a",\#(lines[0].dropFirst())"#
        try folder.write("a.json", #"{"path":"/"}"#)
        try folder.write("a.expect.json", #"{"given":{"organizations":[\#(organization)]},"status":404}"#)
        let captured = CapturedConsole()
        try await expect(captured.run(["replay", folder.path]), is: .success, "\(captured.output)")
    }

    @Test(
        "invalid tags, numbers and operands are refused",
        arguments: [["--tag", "Fix"], ["--tag", "Fixéd1"], ["--keys", "1001"], ["--tokens", "-1"], ["acme"]]
    )
    func wrong(words: [String]) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["keys", "fixture"] + words), is: .commandLine)
        #expect(captured.output == "")
    }

    @Test(
        "the error for an invalid key or token says what would be valid",
        arguments: [
            ("sk_Fixed1theOnlySecretOfAFixtureNumber13PezG1", "its last 6 characters, the check, must be 3PezG0"),
            ("sk_Fixed1theOnlySecretOfAFixtureNumber1", "the check at its end is missing, which is 3PezG0"),
            (
                "sk_Fixed1",
                "after sk_ there must be 42 letters and digits, not 6; local-runtime keys fixture makes one"
            ),
            ("pk_Fixed1", "it must begin with sk_; local-runtime keys fixture makes one"),
            ("sk_Fixed1theOnlySecret-OfAFixtureNumber13PezG0", "after sk_ there must be only letters and digits"),
            ("", "it must begin with sk_"),
        ]
    )
    func reason(secret: String, message: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.json", #"{"path":"/"}"#)
        try folder.write(
            "a.expect.json",
            #"{"given":{"organizations":[{"name":"a","keys":[{"secret":"\#(secret)"}]}]},"status":404}"#
        )
        for command in ["lint", "replay"] {
            let captured = CapturedConsole()
            try await expect(captured.run([command, folder.path]), is: .unreadableFixture)
            #expect(captured.output.contains("is no API key: \(message)"), "\(captured.output)")
        }
    }
}
