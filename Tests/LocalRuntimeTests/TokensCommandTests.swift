import FunctionCore
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("Tokens on the command line")
struct TokensCommandTests {
    private let clock = ManualClock(1_767_225_600_123)
    private let store: MemoryTokenStore

    init() {
        store = MemoryTokenStore { [clock] in clock.now }
    }

    /// An organization, its key, and a token that lives for a minute, with its text.
    private func mint() async throws -> (tenant: Tenant, token: StreamToken, text: String) {
        let tenant = try await StoreFixture(store, clock).tenant()
        let (token, text) = StreamToken.random(tag: tenant.tag) { .random(in: 0 ... .max) }
        _ = await store.mint(token, with: tenant.key, ttl: 60, policy: nil)
        return (tenant, token, text)
    }

    /// Runs a command on the store in memory and returns its output.
    private func run(_ words: String..., on captured: CapturedConsole) async throws -> String {
        guard case .run(let command) = try Invocation(words) else { return "" }
        let administration = try #require(command as? AdministrationCommand)
        try await administration.work(captured.console, store)
        return captured.output
    }

    private func show(_ text: String, _ words: String...) async throws -> String {
        let captured = CapturedConsole(input: text)
        guard case .run(let command) = try Invocation(["tokens", "show", "-"] + words) else { return "" }
        let administration = try #require(command as? AdministrationCommand)
        try await administration.work(captured.console, store)
        #expect(captured.messages == "")
        return captured.output
    }

    @Test("a token is shown in each of its states, with the state's times")
    func life() async throws {
        let (tenant, token, text) = try await mint()
        let ids = "token_id\t\(token.id)\norganization_tag\t\(tenant.tag)\n"
        let key = ids + "key_id\t\(tenant.key.id)\n"
        let lifetime = "minted\t2026-01-01T00:00:00.123Z\nexpires\t2026-01-01T00:01:00.123Z\n"
        try await expect(show(text), is: "state\tlive\n" + key + lifetime)
        clock.advance(1000)
        let attempt = Attempt.random { .random(in: 0 ... .max) }
        _ = try await tenant.reserve(token, for: attempt)
        try await expect(
            show(text),
            is: "state\treserved\n" + key + lifetime + "lease_ends\t2026-01-01T00:00:36.123Z\n"
        )
        clock.advance(877)
        _ = await store.commit(token, for: attempt, countsAsOpen: true)
        try await expect(show(text), is: "state\tused\n" + key + "used_at\t2026-01-01T00:00:02.000Z\n")
        clock.advance(86_400_000)
        try await expect(show(text), is: "state\tunknown\n" + ids)
        try await expect(
            show(text, "--json"),
            is: #"{"state":"unknown","token_id":"\#(token.id)","organization_tag":"\#(tenant.tag)"}"# + "\n"
        )
    }

    @Test("a token with a policy is shown with it, but for the values of locked variables")
    func policy() async throws {
        let tenant = try await StoreFixture(store, clock).tenant()
        let (token, text) = StreamToken.random(tag: tenant.tag) { .random(in: 0 ... .max) }
        let body = #"""
            {"workflows":["echo","count"],"variables":{"model":"top-secret","a\u001b[2J":["top-secret"]},"allow":[],
            "origins":["https://app.example"],"user":"user-1","max_seconds":60,"opens":"at_once","resume_seconds":0}
            """#
        let policy = try MintRequest(reading: Array(body.utf8)).policy
        _ = await store.mint(token, with: tenant.key, ttl: 60, policy: policy)
        let attempt = Attempt.random { .random(in: 0 ... .max) }
        _ = try await tenant.reserve(token, for: attempt)
        clock.advance(877)
        await store.release(token, for: attempt, refusal: .originNotAllowed)
        let user = "user\tuser-1\n"
        let refusal = "last_refusal\torigin_not_allowed\nlast_refusal_at\t2026-01-01T00:00:01.000Z\n"
        let shown = try await show(text)
        #expect(
            shown.hasSuffix(
                user + "workflows\techo, count\nlocked\tmodel, a\\u{1B}[2J\nallow\t\norigins\thttps://app.example\n"
                    + "max_seconds\t60\nopens\tat_once\nresume_seconds\t0\n" + refusal
            ),
            "\(shown)"
        )
        #expect(try await show(text, "--json").contains(#""locked":["model","a\u001b[2J"],"allow":[],"origins":["#))
        for output in [shown, try await show(text, "--json")] { #expect(!output.contains("top-secret")) }
        _ = try await tenant.open(token, for: Attempt.random { .random(in: 0 ... .max) })
        clock.advance(60_000)
        #expect(try await show(text).hasSuffix("used_at\t2026-01-01T00:00:01.000Z\n" + user + refusal))
    }

    @Test("a token is revoked, and its state before is printed")
    func revoke() async throws {
        let (tenant, token, text) = try await mint()
        let ids = #""token_id":"\#(token.id)","organization_tag":"\#(tenant.tag)""#
        let first = CapturedConsole(input: text)
        let lifetime = #""minted":"2026-01-01T00:00:00.123Z","expires":"2026-01-01T00:01:00.123Z""#
        try await expect(
            run("tokens", "revoke", "--token", "-", "--json", on: first),
            is: #"{"state":"live",\#(ids),"key_id":"\#(tenant.key.id)",\#(lifetime)}"# + "\n"
        )
        #expect(first.messages == "The token is revoked.\n")
        let lines = "token_id\t\(token.id)\norganization_tag\t\(tenant.tag)\n"
        let revoked = "state\trevoked\n\(lines)key_id\t\(tenant.key.id)\nrevoked_at\t2026-01-01T00:00:00.123Z\n"
        try await expect(show(text), is: revoked)
        let second = CapturedConsole(input: text)
        try await expect(run("tokens", "revoke", "--token=-", on: second), is: revoked)
        #expect(second.messages == "The token was already revoked.\n")
        let third = CapturedConsole(input: StreamToken.random(tag: tenant.tag) { .random(in: 0 ... .max) }.text)
        #expect(try await run("tokens", "revoke", "--token", "-", on: third).hasPrefix("state\tunknown\n"))
        #expect(third.messages.hasPrefix("There is nothing to revoke"))
    }

    @Test("all tokens of an organization are revoked")
    func revokeAll() async throws {
        let (tenant, token, text) = try await mint()
        let ids = "token_id\t\(token.id)\norganization_tag\t\(tenant.tag)\n"
        let captured = CapturedConsole()
        try await expect(run("tokens", "revoke", "--org", tenant.name, on: captured), is: "")
        #expect(captured.messages == "Every token of \(tenant.name) minted so far is revoked.\n")
        try await expect(show(text), is: "state\trevoked\n\(ids)key_id\t\(tenant.key.id)\n")
        await #expect(throws: CommandFailure.self) {
            try await run("tokens", "revoke", "--org", "nobody", on: CapturedConsole())
        }
    }

    @Test("without - the token comes from STREAM_TOKEN")
    func environment() async throws {
        let (_, _, text) = try await mint()
        let captured = CapturedConsole(environment: ["STREAM_TOKEN": text], input: "")
        #expect(try await run("tokens", "show", on: captured).hasPrefix("state\tlive\n"))
    }

    @Test(
        "text that is not a token is refused without printing it",
        arguments: ["nonsense", "sk_abcdef0123456789", "pub_tok_" + String(repeating: "z", count: 42)]
    )
    func malformed(text: String) async throws {
        let url = "redis://127.0.0.1:1"
        let cases = [
            (["tokens", "show", "-"], CapturedConsole(input: text)),
            (["tokens", "revoke", "--token", "-"], CapturedConsole(input: text)),
            (["tokens", "show"], CapturedConsole(environment: ["STREAM_TOKEN": text])),
        ]
        for (words, captured) in cases {
            try await expect(captured.run(words + ["--redis", url]), is: .commandLine)
            #expect(captured.messages.contains("token"))
            #expect(!captured.messages.contains(text))
            #expect(captured.output == "")
        }
    }

    @Test(
        "a token on the command line is refused with the reason, and the token is not printed",
        arguments: [["tokens", "show", "TOKEN"], ["tokens", "revoke", "--token", "TOKEN"]]
    )
    func onTheCommandLine(words: [String]) async throws {
        let text = StreamToken.random(tag: .random { 1 }) { .random(in: 0 ... .max) }.text
        let captured = CapturedConsole(environment: ["REDIS_URL": "redis://127.0.0.1:1"])
        try await expect(captured.run(words.map { $0 == "TOKEN" ? text : $0 }), is: .commandLine)
        #expect(captured.messages.contains("process list"))
        #expect(!captured.messages.contains(text.suffix(36)))
    }

    @Test(
        "wrong arguments are refused",
        arguments: [
            ["tokens"], ["tokens", "list"], ["tokens", "revoke"], ["tokens", "revoke", "--token", "-", "--org", "a"],
            ["tokens", "revoke", "-"], ["tokens", "show", "-", "-"], ["tokens", "show", "-", "--redis", "-"],
            ["tokens", "revoke", "--token", "-", "--redis=-"], ["tokens", "show"], ["tokens", "show", "-"],
        ]
    )
    func wrong(words: [String]) async throws {
        let captured = CapturedConsole()
        guard words.count > 1 else { return try await expect(captured.run(words), is: .success) }
        try await expect(captured.run(words), is: .commandLine)
        #expect(captured.messages.hasPrefix("local-runtime: "))
        #expect(captured.output == "")
    }

    @Test("both commands work on a real Redis")
    func redis() async throws {
        let server = try RedisServer()
        let environment = ["REDIS_URL": "\(server.url)"]
        let create = CapturedConsole(environment: environment)
        try await expect(create.run(["keys", "create", "--org", "acme"]), is: .success)
        let tag = try #require(APIKey(String(create.output.dropLast()))).tag
        let text = StreamToken.random(tag: tag) { .random(in: 0 ... .max) }.text
        for words in [["tokens", "show", "-"], ["tokens", "revoke", "--token", "-"]] {
            let captured = CapturedConsole(environment: environment, input: text)
            try await expect(captured.run(words), is: .success)
            #expect(captured.output.hasPrefix("state\tunknown\ntoken_id\t"))
        }
        let all = CapturedConsole(environment: environment)
        try await expect(all.run(["tokens", "revoke", "--org", "acme"]), is: .success)
    }
}
