import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

@Suite("The version of a server")
struct ServerVersionTests {
    /// The reply of Redis, and of servers derived from it.
    private static func info(_ version: String?) -> String {
        let lines = ["# Server", version, "redis_mode:standalone", "os:Linux 6.1.0 x86_64", ""]
        let text = lines.compactMap { $0 }.joined(separator: "\r\n")
        return "$\(text.utf8.count)\r\n\(text)\r\n"
    }

    /// Runs `body` with a client of a server that replies `text` to INFO, by the number of the connection.
    private func withServer(
        timeout: Interval = .seconds(5),
        log: @escaping @Sendable (String) -> Void = { _ in },
        _ text: @escaping @Sendable (Int) -> String,
        _ body: (RedisClient) async throws -> Void
    ) async throws {
        let behaviour: FakeServer.Behaviour = { command, connection in
            command.first == "INFO" ? text(connection) : FakeServer.greet(command)
        }
        try await withFake(timeout: timeout, greets: false, log: log, behaviour) { client, _, _ in
            try await body(client)
        }
    }

    @Test(
        "a server of an old version is unavailable, as the log and the error say",
        arguments: ["6.0.16", "2.8", "6"]
    )
    func tooOld(version: String) async throws {
        let lines = Lock([String]())
        let log: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
        try await withServer(timeout: .seconds(1), log: log, { _ in Self.info("redis_version:\(version)") }) { client in
            let error = await #expect(throws: RedisError.self) { try await client.perform(RedisCommand("PING")) }
            let cause = "Redis \(version) is too old; 6.2 or newer is needed"
            #expect(error?.reason == .unavailable(cause))
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(lines.withLock { $0 }.count { $0.contains(cause) } == 1)
        }
    }

    @Test(
        "a server of a recent or unknown version works",
        arguments: [
            info("redis_version:6.2.0"), info("redis_version:10.0.1"),
            info("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2"), info("redis_version:unstable"),
            info("redis_version:"), info(nil), "$-1\r\n", "$0\r\n\r\n", ":1\r\n", "*0\r\n",
            "-NOPERM this user has no permissions to run the 'info' command\r\n", "-ERR unknown command 'INFO'\r\n",
        ]
    )
    func ofUse(text: String) async throws {
        try await withServer({ _ in text }) { client in
            let reply = try await client.perform(RedisCommand("PING"))
            #expect(reply == .status("PONG"))
        }
    }

    @Test("an upgraded server works without a restart of the client")
    func broughtUpToDate() async throws {
        try await withServer({ Self.info($0 < 3 ? "redis_version:6.0.16" : "redis_version:6.2.5") }) { client in
            let reply = try await client.perform(RedisCommand("PING"))
            #expect(reply == .status("PONG"))
        }
    }
}
