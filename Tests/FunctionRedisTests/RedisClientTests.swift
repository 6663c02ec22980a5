import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against a real server that works as it should.
@Suite struct RedisClientTests {
    @Test("commands work over unix sockets and TCP", arguments: [RedisServer.Transport.unix, .tcp])
    func works(transport: RedisServer.Transport) async throws {
        let server = try RedisServer(transport)
        try await withClient(server.url) { client, _ in
            let stored = try await client.perform("SET", "k", "v\r\n\0")
            #expect(stored == .status("OK"))
            try await expect(client.perform("GET", "k"), is: .string(Array("v\r\n\0".utf8)))
            try await expect(client.perform("GET", "none"), is: .null)
            try await expect(client.perform("STRLEN", "k"), is: .integer(4))
            try await expect(client.perform("MGET", "none", "none"), is: .array([.null, .null]))
        }
    }

    @Test("a host name is resolved")
    func name() async throws {
        let server = try RedisServer(.tcp)
        guard case .tcp(_, let port) = server.url.endpoint else { return }
        try await withClient(RedisURL(.tcp(host: "localhost", port: port))) { client, _ in
            let reply = try await client.perform("PING")
            #expect(reply == .status("PONG"))
        }
    }

    @Test("a connection has the name stream-token")
    func connectionName() async throws {
        let server = try RedisServer()
        try await withClient(server.url) { client, _ in
            let name = try await client.perform("CLIENT", "GETNAME")
            #expect(name == .string(Array("stream-token".utf8)))
        }
    }

    @Test("the database of the URL is selected")
    func database() async throws {
        let server = try RedisServer()
        try await withClient(RedisURL(server.url.endpoint, database: 3)) { client, _ in
            _ = try await client.perform("SET", "k", "3")
        }
        try await withClient(server.url) { client, _ in
            try await expect(client.perform("GET", "k"), is: .null)
            _ = try await client.perform("SELECT", "3")
            try await expect(client.perform("GET", "k"), is: .string(Array("3".utf8)))
        }
    }

    @Test("a user logs in with name and password, the default user with a password alone")
    func login() async throws {
        let server = try RedisServer(arguments: [
            "--requirepass", "open sesame", "--user", "mint", "on", ">p@ss", "~*", "+@all",
        ])
        for (user, password) in [("mint", "p@ss"), (nil, "open sesame")] as [(String?, String)] {
            let url = RedisURL(server.url.endpoint, user: user, password: password, database: 1)
            try await withClient(url) { client, _ in
                let name = try await client.perform("ACL", "WHOAMI")
                #expect(name == .string(Array((user ?? "default").utf8)))
            }
        }
    }

    @Test("a script is sent by its digest once that is known, and as text again if the server has lost it")
    func script() async throws {
        let server = try RedisServer()
        let script = RedisScript(Array("return {KEYS[1], ARGV[1], #ARGV}".utf8))
        try await withClient(server.url) { client, _ in
            var command = RedisCommand(evaluating: script, keyCount: 1)
            command.append("k")
            command.append("a")
            command.append(7)
            let expected = RedisReply.array([.string([0x6B]), .string([0x61]), .integer(2)])
            for _ in 0..<3 { try await expect(client.perform(command), is: expected) }
            try await expect(calls("evalsha", client), is: 2)
            try await expect(calls("eval", client), is: 1)
            _ = try await client.perform("SCRIPT", "FLUSH")
            for _ in 0..<3 { try await expect(client.perform(command), is: expected) }
            try await expect(calls("eval", client), is: 2)
        }
    }

    private func calls(_ command: String, _ client: RedisClient) async throws -> Int? {
        guard case .string(let text) = try await client.perform("INFO", "commandstats") else { return nil }
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        let line = lines.first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "," }) }
    }

    @Test("thousands of commands at once keep their order")
    func order() async throws {
        let server = try RedisServer()
        try await withClient(server.url) { client, loop in
            let commands = (0..<5000).map { number in
                var command = RedisCommand("ECHO")
                command.append(number)
                return command
            }
            let replies = await client.performAtOnce(commands, on: loop)
            #expect(replies == (0..<5000).map { .success(.string(Array("\($0)".utf8))) })
        }
    }

    @Test("settings that may lose tokens are logged once, across reconnects")
    func warnings() async throws {
        let server = try RedisServer(arguments: ["--maxmemory-policy", "allkeys-lru"])
        let lines = Lock([String]())
        try await withClient(server.url, log: { line in lines.withLock { $0.append(line) } }) { client, _ in
            _ = try await client.perform("PING")
            // The settings are checked after the command.
            #expect(await waitUntil { lines.withLock { $0 }.count == 2 })
            try server.restart()
            for _ in 0..<3 { _ = try await client.perform("PING") }
        }
        let said = lines.withLock { $0 }
        #expect(said.count { $0.contains("maxmemory-policy") } == 1)
        #expect(said.count { $0.contains("appendonly is off") } == 1)
    }

    @Test("a server with safe settings causes no log lines")
    func quiet() async throws {
        let server = try RedisServer(arguments: ["--appendonly", "yes"])
        let lines = Lock([String]())
        try await withClient(server.url, log: { line in lines.withLock { $0.append(line) } }) { client, _ in
            for _ in 0..<3 { _ = try await client.perform("PING") }
        }
        #expect(lines.withLock { $0 } == [])
    }
}
