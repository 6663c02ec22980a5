import Foundation
import FunctionCore
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeRecording

@Suite("The folder of recordings")
struct FixtureFolderTests {
    private let file = RecordedFile.fixture(event: .object([]), expectation: .bool(true))

    @Test("names are numbered, and no file of another fixture is replaced")
    func numbers() throws {
        let temporary = try TemporaryFolder()
        var folder = try FixtureFolder(temporary.path + "/made/here")
        try temporary.write("made/here/a-1.json", "mine")
        try temporary.write("made/here/a-2.scenario.json", "mine")
        try temporary.write("made/here/a-4.expect.json", "mine")
        try expect(folder.write(file, as: "a"), is: folder.path + "/a-3")
        try expect(folder.write(file, as: "a"), is: folder.path + "/a-5")
        try expect(folder.write(.scenario(.null), as: "b"), is: folder.path + "/b-1")
        try expect(
            FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(),
            is: [
                "a-1.json", "a-2.scenario.json", "a-3.expect.json", "a-3.json", "a-4.expect.json", "a-5.expect.json",
                "a-5.json", "b-1.scenario.json",
            ]
        )
        try expect(String(contentsOfFile: folder.path + "/a-3.expect.json", encoding: .utf8), is: "true\n")
        try expect(String(contentsOfFile: folder.path + "/a-1.json", encoding: .utf8), is: "mine")
    }

    @Test("a path that cannot be a folder is an error")
    func noFolder() async throws {
        let temporary = try TemporaryFolder()
        try temporary.write("file", "")
        let failure = #expect(throws: CommandFailure.self) { try FixtureFolder(temporary.path + "/file") }
        #expect(failure?.exitCode == .couldNotRun)
        let captured = CapturedConsole()
        try await expect(captured.run(["serve", "--port=0", "--record", temporary.path + "/file"]), is: .couldNotRun)
        #expect(captured.messages.contains("/file: cannot be created as a folder for recordings"))
        try await expect(CapturedConsole().run(["serve", "--record", ""]), is: .commandLine)
    }

    @Test("a folder that is gone is an error, and nothing is left")
    func gone() throws {
        let temporary = try TemporaryFolder()
        var folder = try FixtureFolder(temporary.path + "/a")
        try FileManager.default.removeItem(atPath: folder.path)
        #expect(throws: FixtureFolder.CannotWrite.self) { try folder.write(file, as: "a") }
    }
}
