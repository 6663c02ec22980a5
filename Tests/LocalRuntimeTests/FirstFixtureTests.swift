import Foundation
import Support
import Testing

@Suite("Your first fixture, in events/README.md")
struct FirstFixtureTests {
    private static let readme = URL(fileURLWithPath: #filePath + "/../../../events/README.md").standardizedFileURL.path

    /// The code blocks of a section.
    private func commands(below heading: String) throws -> [String] {
        let text = try String(contentsOfFile: Self.readme, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(heading + "\n") })
        return section.components(separatedBy: "\n```sh\n").dropFirst().map { block in
            block.components(separatedBy: "\n```\n")[0]
        }
    }

    @Test("every command runs as it is written, and the last replay passes")
    func runs() throws {
        let blocks = try commands(below: "Your first fixture")
        #expect(blocks.count > 3)
        let folder = try TemporaryFolder()
        // Looks like a checkout in which the command is built already.
        try folder.write("script/build", "#!/bin/sh\ntest \"$*\" = local-runtime\n")
        try folder.write(".build/functions/README", "")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/.build/functions/local-runtime",
            withDestinationPath: CommandProcess.command
        )
        try folder.write("all", blocks.map { "( set -e\n\($0)\n)\necho \"== $?\"\n" }.joined())
        let script = "cd '\(folder.path)' && git init -q . && chmod +x script/build && bash all > out 2>&1"
        let id = try Spawn.process(
            ["/bin/sh", "-c", script],
            environment: ["PATH=\(Self.path)", "HOME=\(folder.path)"]
        )
        _ = Spawn.end(of: id)
        let said = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
        let codes = said.split(separator: "\n").filter { $0.hasPrefix("== ") }.map { String($0.dropFirst(3)) }
        // One block fails on purpose.
        #expect(codes.count == blocks.count, "\(said)")
        #expect(codes.filter { $0 != "0" } == ["4"], "\(said)")
        #expect(said.hasSuffix("1 passed, 0 failed\n== 0\n"), "\(said)")
    }

    private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
}
