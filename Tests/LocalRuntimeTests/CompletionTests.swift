import Glibc
import Support
import Testing

@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

@Suite("Completion")
struct CompletionTests {
    private func script(_ shell: String) async throws -> String {
        let captured = CapturedConsole()
        try await expect(captured.run(["completion", shell]), is: .success)
        return captured.output
    }

    /// Lets bash load the script in a folder and complete the last word of each of `lines`; returns its suggestions.
    private func complete(_ lines: [[String]], in folder: TemporaryFolder) async throws -> [[String]] {
        try folder.write("completion.bash", try await script("bash"))
        let calls = lines.map { words in
            let quoted = words.map(ShellText.quoted).joined(separator: " ")
            return """
                COMP_WORDS=(local-runtime \(quoted)) COMP_CWORD=\(words.count)
                _local_runtime
                printf '%s ' "${COMPREPLY[@]}"
                echo
                """
        }
        let text =
            "cd \(ShellText.quoted(folder.path))\nset -u\nsource completion.bash\n" + calls.joined(separator: "\n")
        let said = try Self.output(of: ["bash", "--norc", "-c", text])
        return said.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            line.split(separator: " ").map(String.init)
        }
    }

    private static func output(of command: [String]) throws -> String {
        let (code, said) = try Spawn.run(command)
        #expect(code == 0, "\(said)")
        return said
    }

    @Test("bash completes every command and every option, and nothing else")
    func bash() async throws {
        let folder = try TemporaryFolder()
        let syntaxes = Commands.all.map { $0.syntax }
        let groups = Set(syntaxes.filter { $0.name.count > 1 }.map { $0.name[0] }).sorted()
        let lines = [[""]] + groups.map { [$0, ""] } + syntaxes.map { $0.name + ["-"] }
        let completed = try await complete(lines, in: folder)
        try #require(completed.count == lines.count)
        #expect(Set(completed[0]) == Set(syntaxes.map { $0.name[0] } + ["--help", "--version"]))
        for (group, words) in zip(groups, completed.dropFirst()) {
            #expect(words == syntaxes.filter { $0.name[0] == group }.map { $0.name[1] })
        }
        for (syntax, words) in zip(syntaxes, completed.dropFirst(1 + groups.count)) {
            #expect(words == syntax.options.map(\.name) + ["--help"], "\(syntax.name)")
        }
    }

    @Test("bash completes prefixes, files where an operand or value is one, and no other values")
    func places() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a file.json", "")
        let completed = try await complete(
            [
                ["ke"], ["keys", "dis"], ["keys", "create", "--or"], ["keys", "create", "--org", ""],
                ["keys", "create", "--org", "=", ""], ["lint", "a"], ["serve", "--record", "compl"],
                ["completion", ""],
                ["help", "to"], ["nonsense", ""], ["keys", "nonsense", "-"],
            ],
            in: folder
        )
        #expect(
            completed == [
                ["keys"], ["disable"], ["--org"], [], [], ["a", "file.json"], ["completion.bash"], ["bash", "zsh"],
                ["tokens"], [], [],
            ]
        )
    }

    @Test("the zsh script names every command and option, and zsh, if installed, accepts its syntax")
    func zsh() async throws {
        let text = try await script("zsh")
        for syntax in Commands.all.map({ $0.syntax }) {
            #expect(text.contains("'\(syntax.name.joined(separator: " "))')"))
            for option in syntax.options {
                #expect(text.contains("\(option.name)[") || text.contains("\(option.name)="))
            }
        }
        let folder = try TemporaryFolder()
        try folder.write("_local-runtime", text)
        let command = "command -v zsh >/dev/null || exit 0; zsh -n \(ShellText.quoted(folder.path + "/_local-runtime"))"
        try expect(Self.output(of: ["bash", "-c", command]), is: "")
    }
}
