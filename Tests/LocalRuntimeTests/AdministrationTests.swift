import FunctionCore
import Glibc
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Keys and organizations")
struct AdministrationTests {
    private let store = MemoryTokenStore { 1_767_225_600_000 }

    /// Runs a command on the store in memory and returns its output.
    private func run(_ words: String..., on terminal: CapturedConsole = CapturedConsole()) async throws -> String {
        guard case .run(let command) = try Invocation(words) else { return "" }
        let administration = try #require(command as? AdministrationCommand)
        try await administration.work(terminal.console, store)
        return terminal.output
    }

    @Test("a new key's secret is the only line of the output, and mints")
    func create() async throws {
        let captured = CapturedConsole()
        let output = try await run("keys", "create", "--org", "acme", "--limit", "3", "--window=7", on: captured)
        let key = try #require(APIKey(String(output.dropLast())))
        #expect(output.last == "\n")
        #expect(captured.messages == "Key \(key.id) of acme: 3 requests in 7 s.\n")
        await expect(store.keys(of: "acme").map(\.rate), is: [RateLimit(limit: 3, window: 7000)])
        let (token, _) = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }
        let outcome = await store.mint(token, with: key, ttl: 60, policy: nil)
        #expect(outcome == .minted(Rate(limit: 3, remaining: 2, retryAfter: 0)))
    }

    @Test("a second key of an organization has the same tag and the default limit")
    func second() async throws {
        let first = try await run("keys", "create", "--org", "acme", "--limit", "3")
        let second = try await run("keys", "create", "--org", "acme")
        #expect(first != second)
        #expect(first.prefix(9) == second.prefix(9))
        await expect(Set(store.keys(of: nil).map(\.rate.limit)), is: [3, 10])
    }

    @Test("keys are listed with tabs, aligned on a terminal, or as JSON")
    func list() async throws {
        for organization in ["beta", "acme"] { _ = try await run("keys", "create", "--org", organization) }
        let ids = try #require(await store.keys(of: nil).reduce(into: [:]) { $0[$1.organization] = $1.id })
        let (acme, beta) = (try #require(ids["acme"]), try #require(ids["beta"]))
        try await expect(run("keys", "list"), is: "\(acme)\tacme\tyes\t10\t1\t\n\(beta)\tbeta\tyes\t10\t1\t\n")
        try await expect(run("keys", "list", "--org", "beta"), is: "\(beta)\tbeta\tyes\t10\t1\t\n")
        try await expect(
            run("keys", "list", "--org", "acme", on: CapturedConsole(isTerminal: true)),
            is: "ID          ORGANIZATION  ENABLED  LIMIT  WINDOW  NAME\n\(acme)  acme          yes      10     1\n"
        )
        try await expect(
            run("keys", "show", acme, "--json"),
            is: #"{"id":"\#(acme)","organization":"acme","enabled":true,"limit":10,"window":1,"name":null}"# + "\n"
        )
        #expect(try await run("keys", "list", "--org", "acme", "--json").hasPrefix(#"[{"id":"\#(acme)","#))
    }

    @Test("a key is disabled and enabled by its id")
    func disable() async throws {
        _ = try await run("keys", "create", "--org", "acme")
        let id = try #require(await store.keys(of: nil).first?.id)
        _ = try await run("keys", "disable", id)
        await expect(store.keys(of: nil).first?.enabled, is: false)
        #expect(try await run("keys", "show", id).contains("enabled\tno\n"))
        _ = try await run("keys", "enable", id)
        await expect(store.keys(of: nil).first?.enabled, is: true)
    }

    @Test("credits are set, added to, and made unlimited, and printed")
    func credits() async throws {
        _ = try await run("keys", "create", "--org", "acme")
        try await expect(run("orgs", "credits", "acme", "--add", "1"), is: "unlimited\n")
        try await expect(run("orgs", "credits", "acme", "--set", "5"), is: "5\n")
        try await expect(run("orgs", "credits", "acme", "--add", "7"), is: "12\n")
        #expect(try await run("orgs", "show", "acme").contains("credits\t12\n"))
        try await expect(run("orgs", "credits", "acme", "--unlimited"), is: "unlimited\n")
        #expect(try await run("orgs", "list", "--json").contains(#""credits":null,"#))
    }

    @Test("with AUDIT_LOG=on each change of keys and credits is logged with the user and without the secret")
    func audit() async throws {
        let captured = CapturedConsole(environment: ["AUDIT_LOG": "on", "SUDO_USER": "ann"])
        let secret = try await run("keys", "create", "--org", "acme", "--limit", "3", on: captured)
        let key = try #require(await store.keys(of: nil).first)
        _ = try await run("keys", "disable", key.id, on: captured)
        _ = try await run("keys", "enable", key.id, on: captured)
        _ = try await run("orgs", "credits", "acme", "--set", "5", on: captured)
        _ = try await run("orgs", "credits", "acme", "--add", "2", on: captured)
        _ = try await run("orgs", "credits", "acme", "--unlimited", on: captured)
        _ = try await run("tokens", "revoke", "--org", "acme", on: captured)
        _ = try await run("keys", "list", on: captured)
        let lines = captured.messages.split(separator: "\n").filter { $0.hasPrefix("{") }
        let rests = lines.map { $0.replacing(/^.*"user":"ann",/, with: "") }
        let tag = secret.dropFirst(3).prefix(6)
        #expect(
            rests == [
                #""organization":"acme","organization_tag":"\#(tag)","key":"\#(key.id)","limit":3,"window_ms":1000}"#,
                #""organization":"acme","key":"\#(key.id)"}"#, #""organization":"acme","key":"\#(key.id)"}"#,
                #""organization":"acme","credits":5}"#,
                #""organization":"acme","added":2}"#, #""organization":"acme","credits":"unlimited"}"#,
                #""organization":"acme"}"#,
            ]
        )
        let events = lines.compactMap { $0.firstMatch(of: /"message":"audit","event":"(\w+)"/)?.1 }
        #expect(
            events == [
                "key_created", "key_disabled", "key_enabled", "credits_changed", "credits_changed", "credits_changed",
                "revocation",
            ]
        )
        #expect(!captured.messages.contains("sk_"))
    }

    @Test("the audit names the user by the passwd file, otherwise by the environment, otherwise by number")
    func userName() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "passwd",
            "root:x:0:0:root:/root:/bin/sh\n#\nann:x:1000:1000::/:\nbob:x:1000:1::/:\n:x:7::\nx:7"
        )
        let file = folder.path + "/passwd"
        #expect(UserName.name(of: "0", in: file) == "root")
        #expect(UserName.name(of: "1000", in: file) == "ann")
        #expect(UserName.name(of: "7", in: file) == nil)
        #expect(UserName.name(of: "0", in: folder.path + "/none") == nil)
        #expect(UserName.own(["USER": "", "LOGNAME": "eve"], users: file + "-none") == "eve")
        #expect(UserName.own([:], users: file + "-none") == String(geteuid()))
    }

    @Test(
        "a missing key or organization is an error that names the command to look with",
        arguments: [
            ["keys", "show", "0123456789"], ["keys", "disable", "0123456789"], ["keys", "enable", "-123456789"],
            ["keys", "list", "--org", "nobody"], ["orgs", "show", "nobody"],
            ["orgs", "credits", "nobody", "--set", "1"],
        ]
    )
    func missing(words: [String]) async throws {
        guard case .run(let command) = try Invocation(words) else { return }
        let administration = try #require(command as? AdministrationCommand)
        let failure = await #expect(throws: CommandFailure.self) {
            try await administration.work(CapturedConsole().console, store)
        }
        #expect(failure?.exitCode == .couldNotRun)
        #expect(failure?.message.contains("; see local-runtime ") == true)
    }

    @Test(
        "wrong arguments are refused before a store is needed",
        arguments: [
            ["keys", "create"], ["keys", "create", "--org", ""], ["keys", "create", "--org", "a\tb"],
            ["keys", "create", "--org", "a", "--limit", "0"], ["keys", "create", "--org", "a", "--window", "86401"],
            ["keys", "create", "--org", "a", "b"], ["keys", "show"], ["keys", "show", "a", "b"], ["keys", "shwo"],
            ["keys", "disable", "-x"], ["orgs", "credits", "a"], ["orgs", "credits", "a", "--add", "1", "--set", "1"],
            ["orgs", "credits", "a", "--add", "-1"], ["orgs", "list", "--redis", "http://a"], ["orgs", "list"],
            ["orgs", "list", "--redis", "-"],
        ]
    )
    func wrong(words: [String]) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(words), is: .commandLine)
        #expect(captured.messages.hasPrefix("local-runtime: "))
        #expect(captured.output == "")
    }

    @Test("an invalid URL is refused without printing it")
    func wrongURL() async throws {
        let captured = CapturedConsole(environment: ["REDIS_URL": "redis://user:hidden@host:x"])
        try await expect(captured.run(["orgs", "list"]), is: .commandLine)
        #expect(captured.messages.contains("REDIS_URL cannot be read"))
        #expect(!captured.messages.contains("hidden"))
    }

    @Test("an invalid URL is described by its shape, without printing it")
    func wrongShape() async throws {
        let captured = CapturedConsole(environment: ["REDIS_URL": "'redis://:hidden@host'\n"])
        try await expect(captured.run(["orgs", "list"]), is: .commandLine)
        #expect(captured.messages.contains("it has 23 bytes, is in quotation marks"))
        #expect(!captured.messages.contains("hidden"))
    }

    @Test("an unreachable server is an error with the reason and a redacted password, exit code 3")
    func unreachable() async throws {
        let captured = CapturedConsole(input: "unix://:hidden@/nowhere/redis.sock")
        try await expect(captured.run(["orgs", "list", "--redis", "-"]), is: .couldNotRun)
        #expect(captured.messages.contains("unix://:***@/nowhere/redis.sock"))
        #expect(captured.messages.contains("No such file or directory"))
    }

    @Test("the commands work on a real Redis, with its URL from --redis, standard input or REDIS_URL")
    func redis() async throws {
        let server = try RedisServer()
        let url = "\(server.url)"
        let create = CapturedConsole(environment: ["REDIS_URL": url])
        try await expect(create.run(["keys", "create", "--org", "acme"]), is: .success)
        let key = try #require(APIKey(String(create.output.dropLast())))

        let list = CapturedConsole(input: url)
        try await expect(list.run(["keys", "list", "--redis", "-"]), is: .success)
        #expect(list.output == "\(key.id)\tacme\tyes\t10\t1\t\n")

        try await expect(CapturedConsole().run(["keys", "disable", key.id, "--redis", url]), is: .success)
        let show = CapturedConsole()
        try await expect(show.run(["keys", "show", "--redis=\(url)", key.id]), is: .success)
        #expect(show.output.contains("enabled\tno\n"))

        let credits = CapturedConsole()
        try await expect(credits.run(["orgs", "credits", "acme", "--set", "3", "--redis", url]), is: .success)
        #expect(credits.output == "3\n")
        try await expect(CapturedConsole().run(["orgs", "show", "nobody", "--redis", url]), is: .couldNotRun)
    }
}
