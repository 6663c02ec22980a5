import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

@Suite("Changing keys and organizations")
struct KeyChangeTests {
    private let clock = ManualClock(1_767_225_600_000)
    private let store: MemoryTokenStore

    init() {
        store = MemoryTokenStore { [clock] in clock.now }
    }

    /// Runs a command on the store in memory and returns its output.
    private func run(_ words: String..., on captured: CapturedConsole = CapturedConsole()) async throws -> String {
        guard case .run(let command) = try Invocation(words) else { return "" }
        let administration = try #require(command as? AdministrationCommand)
        try await administration.work(captured.console, store)
        return captured.output
    }

    /// Makes a key and returns it with its secret.
    private func makeKey(_ words: String...) async throws -> (secret: String, key: APIKey) {
        guard case .run(let command) = try Invocation(["keys", "create", "--org", "acme"] + words) else {
            throw CommandFailure.couldNotRun("no command")
        }
        let captured = CapturedConsole()
        try await (try #require(command as? AdministrationCommand)).work(captured.console, store)
        let secret = String(captured.output.dropLast())
        return (secret, try #require(APIKey(secret)))
    }

    private func mint(_ key: APIKey) async -> MintOutcome {
        let token = StreamToken.random(tag: key.tag) { .random(in: 0 ... .max) }.token
        return await store.mint(token, with: key, ttl: 60, policy: nil)
    }

    @Test("a leaked key is disabled by its secret on standard input, and mints with it are refused at once")
    func leaked() async throws {
        let (secret, key) = try await makeKey()
        let other = try await makeKey().key
        let captured = CapturedConsole(input: "  \(secret)\r\n")
        _ = try await run("keys", "disable", "-", on: captured)
        #expect(captured.messages == "Key \(key.id) of acme is disabled.\n")
        await expect(mint(key), is: .unauthorized)
        await expect(mint(other), isNot: .unauthorized)
        _ = try await run("keys", "enable", "-", on: CapturedConsole(input: secret))
        await expect(mint(key), isNot: .unauthorized)
    }

    @Test("a key is shown by its secret as by its id")
    func show() async throws {
        let (secret, key) = try await makeKey("--name", "the web shop")
        let byID = try await run("keys", "show", key.id)
        try await expect(run("keys", "show", "-", on: CapturedConsole(input: secret)), is: byID)
        #expect(byID.hasSuffix("name\tthe web shop\n"))
        #expect(try await run("keys", "list", "--json").contains(#""name":"the web shop""#))
    }

    @Test("limit, window and name are changed one by one, and the result is printed")
    func update() async throws {
        let (secret, key) = try await makeKey("--limit", "3", "--window", "7")
        let captured = CapturedConsole(environment: ["AUDIT_LOG": "on", "SUDO_USER": "ann"])
        _ = try await run("keys", "update", key.id, "--limit", "5", on: captured)
        #expect(captured.messages.hasSuffix("\nKey \(key.id) of acme: 5 requests in 7 s.\n"))
        #expect(captured.messages.contains(#""organization":"acme","key":"\#(key.id)","limit":5}"#))
        _ = try await run("keys", "update", "-", "--window=2", "--name=shop", on: CapturedConsole(input: secret))
        let record = try #require(await store.findKey(.key(key)))
        #expect(record.rate == RateLimit(limit: 5, window: 2000) && record.name == "shop")
        _ = try await run("keys", "update", key.id, "--name", "")
        await expect(store.findKey(.key(key))?.name, is: nil)
    }

    @Test("a key that requires policies mints only tokens with one, until that is taken back")
    func requiresPolicy() async throws {
        let (secret, key) = try await makeKey("--require-policy")
        let other = try await makeKey("--name", "shop").key
        await expect(mint(key), is: .policyRequired)
        let fields = "\(key.id)\tacme\tyes\t10\t1\t\tyes\n"
        #expect(try await run("keys", "list").contains(fields))
        #expect(try await run("keys", "list").contains("\(other.id)\tacme\tyes\t10\t1\tshop\tno\n"))
        #expect(try await run("keys", "show", key.id).hasSuffix("name\t\nrequires_policy\tyes\n"))
        #expect(
            try await run("keys", "show", "-", "--json", on: CapturedConsole(input: secret)).contains("_policy\":true}")
        )
        try await expect(run("keys", "show", other.id), isNot: "")
        #expect(try await !run("keys", "show", other.id).contains("requires_policy"))
        _ = try await run("keys", "disable", key.id)
        _ = try await run("keys", "enable", key.id)
        await expect(mint(key), is: .policyRequired)
        let captured = CapturedConsole(environment: ["AUDIT_LOG": "on", "SUDO_USER": "ann"])
        _ = try await run("keys", "update", key.id, "--no-require-policy", on: captured)
        #expect(captured.messages.contains(#""key":"\#(key.id)","requires_policy":false}"#))
        #expect(captured.messages.hasSuffix("\nKey \(key.id) of acme: 10 requests in 1 s.\n"))
        await expect(mint(key), isNot: .policyRequired)
        let again = CapturedConsole()
        _ = try await run("keys", "update", other.id, "--require-policy", on: again)
        #expect(again.messages == "Key \(other.id) of acme: 10 requests in 1 s, only tokens with a policy.\n")
        await expect(mint(other), is: .policyRequired)
        await #expect(throws: CommandFailure.self) {
            try await run("keys", "update", other.id, "--require-policy", "--no-require-policy")
        }
    }

    @Test("a key is deleted after a person's yes or with --yes, and not otherwise")
    func delete() async throws {
        let (secret, key) = try await makeKey("--name", "shop")
        let piped = CapturedConsole(input: "y")
        await #expect(throws: CommandFailure.self) { try await run("keys", "delete", key.id, on: piped) }
        for reply in ["", "n", "nonsense"] {
            let person = CapturedConsole(input: reply, isInteractive: true)
            await #expect(throws: CommandFailure.self) { try await run("keys", "delete", key.id, on: person) }
            #expect(person.messages == "Delete the key \(key.id) (shop) of acme permanently? [y/N] ")
        }
        await expect(store.findKey(.key(key)), isNot: nil)
        let person = CapturedConsole(input: "\(secret)\nyes", isInteractive: true)
        _ = try await run("keys", "delete", "-", on: person)
        await expect(store.findKey(.key(key)), is: nil)
        let other = try await makeKey().key
        _ = try await run("keys", "delete", other.id, "--yes")
        await expect(store.keys(of: "acme"), is: [])
    }

    @Test("an organization is deleted with its keys, its open streams end, and the message counts both")
    func deleteOrganization() async throws {
        let tenant = try await StoreFixture(store, clock).tenant()
        let stream = try await tenant.open(tenant.mint(), for: .random { 1 })
        let piped = CapturedConsole(input: "y")
        let failure = await #expect(throws: CommandFailure.self) {
            try await run("orgs", "delete", tenant.name, on: piped)
        }
        #expect(failure?.message.contains("no terminal to ask for confirmation: give --yes") == true)
        #expect(failure?.exitCode == .commandLine)
        let environment = ["AUDIT_LOG": "on", "SUDO_USER": "ann"]
        let captured = CapturedConsole(environment: environment)
        _ = try await run("orgs", "delete", tenant.name, "--yes", on: captured)
        #expect(captured.messages.hasSuffix("\n\(tenant.name) is deleted, with 1 key and 1 open stream.\n"))
        #expect(captured.messages.contains(#""event":"organization_deleted","user":"ann""#))
        await expect(store.findOrganization(named: tenant.name), is: nil)
        await expect(store.renew([stream], reserved: [], of: tenant.tag), is: [LostStream(stream.attempt, .forgotten)])
    }

    @Test("the limit of open streams is set and shown")
    func maxStreams() async throws {
        _ = try await makeKey()
        let captured = CapturedConsole(environment: ["AUDIT_LOG": "on", "SUDO_USER": "ann"])
        _ = try await run("orgs", "set", "acme", "--max-streams", "1", on: captured)
        #expect(captured.messages.hasSuffix("\nacme may have 1 stream open at once.\n"))
        #expect(captured.messages.contains(#""event":"max_streams_changed","user":"ann","organization":"acme","#))
        #expect(try await run("orgs", "show", "acme").hasSuffix("max_streams\t1\n"))
    }

    @Test("if the secret cannot be written, no key is left")
    func unwritten() async throws {
        let full = Output { (_: [UInt8]) in 28 }
        let console = Console(output: full, messages: Output { (_: String) in }, environment: [:], readLine: { nil })
        guard case .run(let command) = try Invocation(["keys", "create", "--org", "acme"]) else { return }
        let administration = try #require(command as? AdministrationCommand)
        let failure = await #expect(throws: CommandFailure.self) { try await administration.work(console, store) }
        #expect(failure?.message.contains("No space left on device") == true)
        await expect(store.keys(of: nil), is: [])
    }

    @Test("the commands work on a real Redis")
    func redis() async throws {
        let server = try RedisServer()
        let environment = ["REDIS_URL": "\(server.url)"]
        func run(_ words: String..., input: String? = nil) async throws -> String {
            let captured = CapturedConsole(environment: environment, input: input)
            try await expect(captured.run(words), is: .success, "\(words): \(captured.messages)")
            return captured.output
        }
        let secret = String(try await run("keys", "create", "--org", "acme", "--name", "shop").dropLast())
        let id = try #require(APIKey(secret)).id
        _ = try await run("keys", "update", "-", "--limit", "5", input: secret)
        #expect(try await run("keys", "show", id).hasSuffix("limit\t5\nwindow\t1\nname\tshop\n"))
        _ = try await run("keys", "disable", "-", input: secret)
        #expect(try await run("keys", "show", "-", input: secret).contains("enabled\tno\n"))
        _ = try await run("orgs", "set", "acme", "--max-streams", "7")
        #expect(try await run("orgs", "list").hasSuffix("\t7\n"))
        _ = try await run("keys", "delete", id, "--yes")
        try await expect(run("keys", "list"), is: "")
        _ = try await run("keys", "create", "--org", "acme")
        _ = try await run("orgs", "delete", "acme", "--yes")
        try await expect(run("orgs", "list", "--json"), is: "[]\n")
    }
}
