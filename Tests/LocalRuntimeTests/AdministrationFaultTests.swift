import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

/// Every command that administers a store, with everything that can be wrong with its arguments and its store.
@Suite("Bad input of the commands that administer a store")
struct AdministrationFaultTests {
    private static let id = "0123456789"
    private static let token = StreamToken.random(tag: .random { 1 }, { 2 }).text

    /// Each command in a valid form.
    private static let commands = [
        ["keys", "create", "--org", "acme"], ["keys", "list"], ["keys", "show", id],
        ["keys", "update", id, "--limit", "5"], ["keys", "disable", id], ["keys", "enable", id],
        ["keys", "delete", id, "--yes"], ["orgs", "list"], ["orgs", "show", "acme"],
        ["orgs", "credits", "acme", "--set", "1"], ["orgs", "set", "acme", "--max-streams", "5"],
        ["orgs", "delete", "acme", "--yes"], ["tokens", "show", "-"], ["tokens", "revoke", "--token", "-"],
        ["tokens", "revoke", "--org", "acme"],
    ]

    @Test("the list above has every command")
    func complete() {
        // `keys fixture` uses no store.
        let names = Commands.all.map { $0.syntax.name }.filter { $0.count > 1 && $0 != ["keys", "fixture"] }
        #expect(Set(names) == Set(Self.commands.map { Array($0.prefix(2)) }))
    }

    /// Runs the command and expects `exitCode`, one line that contains `message`, and nothing on standard output.
    private func expectFailure(
        _ words: [String],
        _ exitCode: ExitCode,
        _ message: String,
        environment: [String: String] = ["REDIS_URL": "redis://127.0.0.1:1"],
        input: String? = AdministrationFaultTests.token
    ) async throws {
        let captured = CapturedConsole(environment: environment, input: input)
        try await expect(captured.run(words), is: exitCode, "\(words): \(captured.messages)")
        #expect(captured.output == "", "\(words)")
        #expect(captured.messages.hasPrefix("local-runtime: ") && captured.messages.hasSuffix("\n"))
        #expect(!captured.messages.dropLast().contains("\n"), "\(words): \(captured.messages)")
        #expect(captured.messages.contains(message), "\(words): \(captured.messages)")
        #expect(!captured.messages.contains("\u{1B}"))
    }

    @Test("an unknown option is refused, and the nearest one is suggested", arguments: commands)
    func option(words: [String]) async throws {
        try await expectFailure(
            words + ["--frobnicate"],
            .commandLine,
            "\(words[0]) \(words[1]) has no option --frobnicate"
        )
        try await expectFailure(words + ["--rdeis=a"], .commandLine, "did you mean --redis?")
    }

    @Test("an operand too many is refused", arguments: commands)
    func word(words: [String]) async throws {
        try await expectFailure(words + ["other"], .commandLine, "unexpected argument \"other\"")
    }

    @Test("a missing URL, an invalid one, and --redis without a value are refused", arguments: commands)
    func url(words: [String]) async throws {
        try await expectFailure(words, .commandLine, "set REDIS_URL", environment: [:])
        try await expectFailure(words, .commandLine, "REDIS_URL cannot be read", environment: ["REDIS_URL": "nonsense"])
        try await expectFailure(words + ["--redis"], .commandLine, "--redis needs a value: --redis URL")
    }

    @Test("an unreachable Redis is an error that says what to do", arguments: commands)
    func noRedis(words: [String]) async throws {
        let message = "; start Redis there, or name another server by --redis URL or REDIS_URL"
        try await expectFailure(words, .couldNotRun, message)
    }

    @Test("a wrong password and a missing one are errors that say so")
    func password() async throws {
        let server = try RedisServer(arguments: ["--requirepass", "right"])
        let text = "\(server.url)"
        let wrong = text.replacing("://", with: "://:hidden@")
        // At once, because each tries to log in until its timeout.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for words in Self.commands {
                group.addTask {
                    let message = "WRONGPASS (user or password is wrong"
                    try await expectFailure(words, .couldNotRun, message, environment: ["REDIS_URL": wrong])
                }
                group.addTask {
                    try await expectFailure(
                        words,
                        .couldNotRun,
                        "redis://user:password@",
                        environment: ["REDIS_URL": text]
                    )
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a missing key or organization is an error that names the command to look with", arguments: commands)
    func absent(words: [String]) async throws {
        let store = MemoryTokenStore { 0 }
        let captured = CapturedConsole(input: Self.token)
        guard case .run(let command) = try Invocation(words) else { return }
        let administration = try #require(command as? AdministrationCommand)
        do {
            try await administration.work(captured.console, store)
            // These commands succeed on an empty store.
            #expect(["create", "list"].contains(words[1]) || captured.output.hasPrefix("state\tunknown\n"))
        } catch let failure as CommandFailure {
            #expect(failure.exitCode == .couldNotRun)
            #expect(failure.message.contains("; see local-runtime ") && captured.output == "")
        }
    }

    private static let values: [([String], String)] = [
        (["keys", "create"], "--org NAME is missing"),
        (["keys", "create", "--org", ""], "--org must be 1 to 200 bytes"),
        (["keys", "create", "--org", "a\nb"], "--org must be 1 to 200 bytes without control characters"),
        (["keys", "create", "--org", "a", "--name", "\u{1B}[2J"], "--name must be 1 to 200 bytes"),
        (["keys", "create", "--org", "a", "--limit", "0"], "--limit must be a whole number from 1 to 1000000"),
        (["keys", "create", "--org", "a", "--window", "1.5"], "--window must be a whole number from 1 to 86400"),
        (["keys", "show"], "the key's ID, or - to read the key from standard input, is missing"),
        (["keys", "show", "short"], "keys list shows the ids"),
        (["keys", "update", id], "give --limit N, --window SECONDS or --name NAME"),
        (["keys", "update", id, "--limit", "1000001"], "--limit must be a whole number from 1 to 1000000"),
        (["keys", "update", id, "--limit", "5", "--limit", "6"], "--limit is given more than once"),
        (["keys", "delete", id], "no terminal to ask for confirmation: give --yes"),
        (["keys", "delete", id, "--yes=1"], "--yes takes no value"),
        (["keys", "disable", "-"], "is not an API key: expected sk_ and 42 letters and digits"),
        (["keys", "disable", "-", "--redis", "-"], "the key or the Redis URL, not both"),
        (["orgs", "set", "acme"], "--max-streams N is missing"),
        (["orgs", "set", "--max-streams", "1"], "NAME is missing"),
        (["orgs", "set", "acme", "--max-streams", "-1"], "--max-streams must be a whole number from 0 to 1000000"),
        (["orgs", "credits", "acme"], "give one of --add N, --set N and --unlimited"),
        (["orgs", "delete", "acme"], "no terminal to ask for confirmation: give --yes"),
        (["tokens", "revoke"], "give one of --token - and --org NAME"),
        (["tokens", "show"], "write it to standard input, or set STREAM_TOKEN"),
    ]

    @Test("an invalid value is refused with what is valid", arguments: values)
    func value(words: [String], message: String) async throws {
        try await expectFailure(words, .commandLine, message)
    }

    @Test(
        "a key on the command line is refused with the reason, and the key is not printed",
        arguments: ["show", "update", "disable", "enable", "delete"]
    )
    func onTheCommandLine(verb: String) async throws {
        let secret = APIKey.random(tag: .random { 1 }) { .random(in: 0 ... .max) }.text
        let captured = CapturedConsole(environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        try await expect(captured.run(["keys", verb, secret]), is: .commandLine)
        #expect(captured.messages.contains("process list"))
        #expect(!captured.messages.contains(secret.suffix(36)))
    }

    @Test("an empty standard input instead of a key is refused", arguments: ["disable", "enable", "show"])
    func noInput(verb: String) async throws {
        try await expectFailure(["keys", verb, "-"], .commandLine, "there is no key on standard input", input: nil)
    }

    @Test("in 40 columns each cell has its own line, and no line is broken")
    func narrow() async throws {
        let store = MemoryTokenStore { 0 }
        _ = try await store.makeKey(of: "a name of an organization", name: "what it is for", .default)
        let captured = CapturedConsole(isTerminal: true, columns: 40)
        guard case .run(let command) = try Invocation(["keys", "list"]) else { return }
        try await (try #require(command as? AdministrationCommand)).work(captured.console, store)
        let lines = captured.output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(
            lines.contains("ORGANIZATION  a name of an organization") && lines.contains("NAME          what it is for")
        )
    }

    @Test("every list and show command has the same --json, and prints JSON even for an empty store")
    func json() async throws {
        for command in Commands.all where ["list", "show"].contains(command.syntax.name.last) {
            #expect(
                command.syntax.options.contains { $0.name == "--json" && $0.summary == Record.jsonOption.summary },
                "\(command.syntax.name)"
            )
        }
        for words in [["keys", "list", "--json"], ["orgs", "list", "--json"]] {
            let captured = CapturedConsole()
            guard case .run(let command) = try Invocation(words) else { return }
            let administration = try #require(command as? AdministrationCommand)
            try await administration.work(captured.console, MemoryTokenStore { 0 })
            #expect(captured.output == "[]\n")
        }
    }
}
