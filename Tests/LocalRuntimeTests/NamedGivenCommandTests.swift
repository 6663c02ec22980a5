import Foundation
import Support
import Testing

@testable import LocalRuntimeConsole

@Suite("The commands, with named givens")
struct NamedGivenCommandTests {
    private static let key = "sk_Fixed1theOnlySecretOfAFixtureNumber13PezG0"
    private static let givens =
        #"{"acme":{"organizations":[{"name":"acme","keys":[{"secret":"\#(key)"}]}]},"down":{"is":"acme","store":"down"}}"#
    private static let minted = #"{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(key)"}}"#

    private struct Run {
        let code: ExitCode
        let output: String
        let messages: String
        let folder: TemporaryFolder

        func text(_ name: String) -> String? {
            FileManager.default.contents(atPath: folder.path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Runs a command on `name` in a folder of these files.
    private func run(
        _ command: String,
        _ name: String,
        _ files: [String: String],
        _ words: [String] = []
    ) async throws -> Run {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let captured = CapturedConsole()
        let code = try await captured.run([command, folder.path + "/" + name] + words)
        func relative(_ text: String) -> String { text.replacingOccurrences(of: folder.path + "/", with: "") }
        return Run(
            code: code,
            output: relative(captured.output),
            messages: relative(captured.messages),
            folder: folder
        )
    }

    private func run(_ command: String, _ files: [String: String], _ words: [String] = []) async throws -> Run {
        try await run(command, "events", files, words)
    }

    private static let files = [
        "events/givens.json": givens, "events/a/mint.json": minted,
        "events/a/mint.expect.json": #"{"given":"acme","status":200}"#, "events/a/down.json": minted,
        "events/a/down.expect.json": #"{"given":"down","status":500}"#,
    ]

    @Test("replay fills the store from a named given", arguments: [["direct"], ["http"], ["v2"]])
    func replay(contract: [String]) async throws {
        let all = try await run("replay", Self.files, ["--contract"] + contract)
        #expect(all.code == .success && all.output.hasSuffix("2 passed, 0 failed\n"), "\(all.output)")
        // What a fixture means does not depend on what is named on the command line.
        let one = try await run("replay", "events/a/mint", Self.files)
        #expect(one.code == .success, "\(one.output)")
        let file = try await run("replay", "events/a/mint.expect.json", Self.files)
        #expect(file.code == .success, "\(file.output)")
    }

    @Test("replay, and its reports, say where a name is wrong")
    func unreadable() async throws {
        var files = Self.files
        files["events/a/mint.expect.json"] = #"{"given":"acne","status":200}"#
        let text = #"events/a/mint.expect.json#/given: is no given of events/givens.json; did you mean "acme"?"#
        let replay = try await run("replay", files)
        #expect(replay.code == .unreadableFixture && replay.output.contains("ERROR   \(text)"), "\(replay.output)")
        let folder = try TemporaryFolder()
        _ = try await run("replay", files, ["--report", "junit", folder.path + "/report.xml"])
        let report = try String(contentsOfFile: folder.path + "/report.xml", encoding: .utf8)
        #expect(report.contains("mint.expect.json#/given: is no given of "), "\(report)")
    }

    @Test("lint finds nothing if every given is used, by a fixture or by another given that is used")
    func clean() async throws {
        let all = try await run("lint", Self.files, ["--strict"])
        #expect(all.code == .success && all.output == "2 fixtures, 0 errors, 0 warnings\n", "\(all.output)")
        var files = Self.files
        files["events/a/mint.expect.json"] = #"{"given":{"is":"down","store":"up"},"status":200}"#
        let based = try await run("lint", files, ["--strict"])
        #expect(based.code == .success, "\(based.output)")
    }

    @Test("lint warns of a given that no fixture uses, if it has seen every fixture that could")
    func unused() async throws {
        var files = Self.files
        files["events/a/down.expect.json"] = #"{"given":"acme","status":200}"#
        let text =
            "events/givens.json#/down: warning: no fixture uses it; remove it, or name it in a fixture's \"given\"\n"
        let all = try await run("lint", files, ["--strict"])
        #expect(all.code == .expectationFailed, "\(all.output)")
        #expect(all.output == text + "2 fixtures, 0 errors, 1 warning\n", "\(all.output)")
        // Others may use it in folders that lint does not see.
        let below = try await run("lint", "events/a", files, ["--strict"])
        #expect(below.code == .success && below.output == "2 fixtures, 0 errors, 0 warnings\n", "\(below.output)")
    }

    @Test("lint counts a name only for the nearest file")
    func shadowed() async throws {
        var files = Self.files
        files["events/a/givens.json"] = #"{"down":{"store":"down"},"acme":{}}"#
        let all = try await run("lint", files)
        #expect(all.output.contains("events/givens.json#/acme: warning: no fixture uses it"), "\(all.output)")
        #expect(all.output.contains("events/givens.json#/down: warning: no fixture uses it"))
        #expect(!all.output.contains("events/a/givens.json"))
    }

    @Test("lint reports an error in a file of givens once, used or not")
    func once() async throws {
        var files = Self.files
        files["events/givens.json"] = #"{"acme":{"store":1},"down":{"is":"acme"},"other":{"store":2}}"#
        let all = try await run("lint", files)
        #expect(all.code == .unreadableFixture)
        #expect(
            all.output == """
                events/givens.json#/acme/store: error: must be a string, not number
                events/givens.json#/other/store: error: must be a string, not number
                2 fixtures, 2 errors, 0 warnings

                """,
            "\(all.output)"
        )
    }

    @Test("lint warns of a name without changes, but not of unused keys in a shared given")
    func changesNothing() async throws {
        var files = Self.files
        files["events/a/down.expect.json"] = #"{"given":{"is":"down"},"status":500}"#
        files["events/a/nowhere.json"] = #"{"path":"/nowhere"}"#
        files["events/a/nowhere.expect.json"] = #"{"given":"acme","status":404}"#
        let all = try await run("lint", files)
        #expect(
            all.output == """
                events/a/down.expect.json#/given: warning: changes nothing; write "down" in its place
                3 fixtures, 0 errors, 1 warning

                """,
            "\(all.output)"
        )
    }

    @Test("lint rejects a fixture with the name of a file of givens")
    func reserved() async throws {
        var files = Self.files
        files["events/givens.expect.json"] = #"{"status":404}"#
        let all = try await run("lint", files)
        #expect(all.code == .unreadableFixture)
        #expect(
            all.output.contains(
                "events/givens.expect.json#: error: a fixture cannot have this name: givens.json is a file of givens; rename it"
            ),
            "\(all.output)"
        )
    }

    @Test(
        "a file of givens is rejected where a fixture is expected",
        arguments: ["replay", "lint", "explain", "invoke"]
    )
    func noFixture(command: String) async throws {
        for name in ["events/givens.json"] + (command == "explain" || command == "invoke" ? ["events/givens"] : []) {
            let run = try await run(command, name, Self.files)
            #expect(run.code == .unreadableFixture)
            #expect(run.messages.contains("events/givens.json: holds givens"), "\(run.messages)")
        }
    }

    @Test("--update keeps a name, and never writes a file of givens")
    func update() async throws {
        var files = Self.files
        files["events/a/mint.expect.json"] = "{\n  \"given\": \"acme\",\n  \"status\": 201\n}\n"
        files["events/a/down.expect.json"] = #"{"status": 201, "given": {"is": "acme", "store": "down"}}"#
        files["events/a/s.scenario.json"] = #"{"given":"acme","steps":[{"event":"mint.json","expect":{"status":201}}]}"#
        let updated = try await run("replay", files, ["--update"])
        #expect(updated.code == .success, "\(updated.output)")
        #expect(updated.text("events/a/mint.expect.json") == "{\n  \"given\": \"acme\",\n  \"status\": 200\n}\n")
        #expect(
            updated.text("events/a/down.expect.json")
                == #"{"status": 500, "given": {"is": "acme", "store": "down"}}"#
        )
        #expect(
            updated.text("events/a/s.scenario.json")
                == #"{"given":"acme","steps":[{"event":"mint.json","expect":{"status":200}}]}"#
        )
        #expect(updated.text("events/givens.json") == Self.givens)
        #expect(!updated.messages.contains("givens"))
    }

    @Test("explain and invoke use a named given, and explain names it")
    func explain() async throws {
        let explained = try await run("explain", "events/a/mint.json", Self.files)
        #expect(explained.code == .success && explained.output.contains("HTTP/1.1 200 OK"), "\(explained.output)")
        #expect(explained.output.contains("events/a/mint.expect.json gives: acme of "), "\(explained.output)")
        #expect(explained.output.contains("events/givens.json\n"))
        let invoked = try await run("invoke", "events/a/mint", Self.files)
        #expect(invoked.code == .success && invoked.output.hasPrefix(#"{"success":true"#), "\(invoked.output)")

        var files = Self.files
        files["events/a/mint.expect.json"] = #"{"given":{"is":"acne"},"status":200}"#
        for command in ["explain", "invoke"] {
            let run = try await run(command, "events/a/mint", files)
            #expect(run.code == .unreadableFixture)
            #expect(run.messages.contains(#"mint.expect.json#/given/is: is no given of events/givens.json; "#))
        }
        files["events/a/s.scenario.json"] = #"{"given":"acme","steps":[{"event":"mint.json"}]}"#
        let walked = try await run("explain", "events/a/s", files)
        #expect(
            walked.code == .success && walked.output.contains("s.scenario.json gives: acme of "),
            "\(walked.output)"
        )
    }
}
