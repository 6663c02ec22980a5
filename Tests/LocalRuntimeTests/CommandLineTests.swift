import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("The command line")
struct CommandLineTests {
    private let syntax = CommandSyntax(
        name: ["try"],
        summary: "Try",
        options: [
            .init(name: "--number", value: "N", summary: "A number"),
            .init(name: "--flag", summary: "A flag"),
            .init(name: "--many", value: "TEXT", summary: "Many", isRepeatable: true),
        ]
    )

    @Test("options come in both forms and any order, and everything after -- is an operand")
    func splits() throws {
        let arguments = try Arguments(
            ["a", "--number=3", "-", "--many", "--x", "--flag", "--many=", "--", "--b"],
            syntax
        )
        #expect(arguments.operands == ["a", "-", "--b"])
        try expect(arguments.integer("--number", in: 0...9), is: 3)
        #expect(arguments.isSet("--flag"))
        #expect(arguments.all("--many") == ["--x", ""])
    }

    @Test("an option with a default does not take the next word as its value")
    func defaultValue() throws {
        var syntax = syntax
        syntax.options.append(.init(name: "--binary", value: "FOLDER", default: "here", summary: "A folder"))
        let alone = try Arguments(["--binary", "a"], syntax)
        #expect(alone["--binary"] == "here" && alone.operands == ["a"])
        try expect(Arguments(["--binary=there"], syntax)["--binary"], is: "there")
        #expect(Help.command(syntax).contains("  --binary[=FOLDER]  A folder\n"))
    }

    @Test(
        "a wrong option is refused with the right one",
        arguments: [
            (["--numbr", "1"], "try has no option --numbr; did you mean --number?"),
            (["-n"], "try has no option -n; its options are --number, --flag, --many, --help"),
            (["--number"], "--number needs a value: --number N"), (["--flag=1"], "--flag takes no value"),
            (["--number=1", "--number=2"], "--number is given more than once"),
        ]
    )
    func refuses(words: [String], message: String) {
        let error = #expect(throws: CommandFailure.self) { try Arguments(words, syntax) }
        #expect(error?.message == message)
        #expect(error?.exitCode == .commandLine)
    }

    @Test(
        "a number is digits within its range",
        arguments: ["", "+1", "-1", "1.0", "10", "0x1", "99999999999999999999"]
    )
    func numbers(text: String) throws {
        let arguments = try Arguments(["--number", text], syntax)
        #expect(throws: CommandFailure.self) { try arguments.integer("--number", in: 0...9) }
    }

    @Test(
        "a wrong command line does nothing, suggests a right one, and exits with 1",
        arguments: [
            ([], "a command is missing"), (["repaly"], "there is no command repaly; did you mean replay?"),
            (["nonsense"], "there is no command nonsense; the commands are serve, "),
            (["keys", "dleete"], "keys has no command dleete; did you mean delete?"),
            (["keys", "nonsense"], "keys has no command nonsense; the commands are create, "),
            (["list", "keys"], "there is no command list; did you mean keys list or orgs list?"),
            (["help", "keys", "create", "other"], "unexpected argument \"other\""),
            (["help", "kyes"], "there is no command kyes; did you mean keys?"),
            (["completion", "fish"], "SHELL must be bash or zsh, not \"fish\""),
            (
                ["replay", "--fitler", "x"],
                "replay has no option --fitler; did you mean --filter?"
            ),
        ]
    )
    func wrong(words: [String], message: String) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(words), is: .commandLine)
        #expect(captured.messages.contains(message))
        #expect(captured.messages.dropLast().contains("\n") == false)
        #expect(captured.output == "")
    }

    @Test("the program and each command have help", arguments: Commands.all.map { $0.syntax.name })
    func help(name: [String]) async throws {
        let whole = CapturedConsole()
        try await expect(whole.run(["--help"]), is: .success)
        #expect(whole.output.contains("  \(name.joined(separator: " "))  "))
        let one = CapturedConsole()
        try await expect(one.run(name + ["--help"]), is: .success)
        #expect(one.output.contains("Usage: local-runtime \(name.joined(separator: " "))"))
        #expect(one.output.split(separator: "\n").filter { $0.count > 100 } == [])
        #expect(one.messages == "")
        let same = CapturedConsole()
        try await expect(same.run(["help"] + name), is: .success)
        #expect(same.output == one.output)
    }

    @Test("help without a command is the program's, and the help of a group lists its commands")
    func groups() async throws {
        let (option, command, group) = (CapturedConsole(), CapturedConsole(), CapturedConsole())
        try await expect(option.run(["--help"]), is: .success)
        try await expect(command.run(["help"]), is: .success)
        #expect(option.output == command.output)
        try await expect(group.run(["help", "keys"]), is: .success)
        #expect(group.output.contains("  keys disable  ") && !group.output.contains("orgs"))
    }

    @Test("help stays within a narrow terminal, and no word is lost", arguments: [40, 60])
    func narrow(columns: Int) async throws {
        for name in Commands.all.map({ $0.syntax.name }) {
            let (wide, narrow) = (CapturedConsole(), CapturedConsole(isTerminal: true, columns: columns))
            _ = try await wide.run(["help"] + name)
            _ = try await narrow.run(["help"] + name)
            // A longer word has a line of its own.
            let isFine = { (line: Substring) in line.count <= columns || !line.drop { $0 == " " }.contains(" ") }
            #expect(narrow.output.split(separator: "\n").allSatisfy(isFine))
            let words = { (text: String) in text.split { $0 == " " || $0 == "\n" } }
            #expect(words(wide.output) == words(narrow.output))
        }
    }

    @Test("the version is one line", arguments: ["--version", "version"])
    func version(word: String) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run([word]), is: .success)
        #expect(captured.output.wholeMatch(of: /local-runtime \d+\.\d+\.\d+( with TLS)?\n/) != nil)
    }
}
