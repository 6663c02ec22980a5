#if TLS
import FunctionEventLoop
import Support
import FunctionTLS
import Testing

@testable import FunctionRedis

@Suite("Redis over TLS")
struct RedisTLSTests {
    @Test("works with versions 1.2 and 1.3, by name and by address", arguments: ["TLSv1.2", "TLSv1.3"])
    func works(version: String) async throws {
        let server = try RedisServer(.tls(), arguments: ["--tls-protocols", version])
        for host in ["localhost", "127.0.0.1"] {
            let url = RedisURL(.tcp(host: host, port: try #require(server.port)), isEncrypted: true, database: 3)
            try await withClient(url, tls: .ofTests()) { client, _ in
                let reply = try await client.perform("PING")
                #expect(reply == .status("PONG"))
            }
        }
        #expect(await waitUntil { openSockets(port: server.port ?? 0) == [] })
    }

    @Test("carries replies of megabytes and hundreds of commands at once", arguments: ["TLSv1.2", "TLSv1.3"])
    func carries(version: String) async throws {
        let server = try RedisServer(.tls(), arguments: ["--tls-protocols", version])
        try await withClient(server.url, timeout: .seconds(30), tls: .ofTests()) { client, loop in
            let size = 10 << 20
            try await expect(client.perform("SETRANGE", "large", "\(size - 1)", "x"), is: .integer(size))
            for _ in 0..<3 {
                let expected = Array(repeating: 0, count: size - 1) + [UInt8(ascii: "x")]
                try await expect(client.perform("GET", "large"), is: .string(expected))
            }
            let commands = (0..<800).map { number in
                var command = RedisCommand("ECHO")
                command.append("\(number) " + String(repeating: "x", count: number * 7))
                return command
            }
            for _ in 0..<5 {
                let replies = await client.performAtOnce(commands, on: loop)
                #expect(replies.count == 800)
                for (number, reply) in replies.enumerated() {
                    let expected = Array("\(number) ".utf8) + Array(repeating: UInt8(ascii: "x"), count: number * 7)
                    try require(reply.get(), is: .string(expected))
                }
            }
        }
    }

    @Test("continues after the server did not read for a while, although the buffers were full")
    func fullOutput() async throws {
        let server = try RedisServer(.tls())
        try await withClient(server.url, timeout: .seconds(30), tls: .ofTests()) { client, loop in
            _ = try await client.perform("PING")
            server.suspend()
            let commands = (0..<60).map { _ in
                var command = RedisCommand("ECHO")
                command.append(String(repeating: "y", count: 100_000))
                return command
            }
            async let replies = client.performAtOnce(commands, on: loop)
            try await Task.sleep(for: .milliseconds(200))
            server.resume()
            for reply in await replies {
                try require(reply.get(), is: .string(Array(repeating: UInt8(ascii: "y"), count: 100_000)))
            }
        }
    }

    @Test(
        "the reason for a rejected certificate is in the log and in the error",
        arguments: [
            ("expired", "it has expired"), ("early", "it is not valid yet"), ("alone", "it is self-signed"),
            ("stranger", "its authority is unknown"), ("elsewhere", "it is for another name than 127.0.0.1"),
        ]
    )
    func refuses(certificate: String, reason: String) async throws {
        let server = try RedisServer(.tls(certificate: certificate))
        let words = "unavailable (the server's certificate is refused: \(reason)"
        let (error, lines) = try await failure(of: server)
        #expect(error.contains(words))
        #expect(lines.contains { $0.hasPrefix("rediss://127.0.0.1:") && $0.contains(words) })
        // Once for consecutive failures of the same reason.
        #expect(lines.count == 1)
    }

    @Test("a required client certificate is presented, or the error says so", arguments: ["TLSv1.2", "TLSv1.3"])
    func clientCertificate(version: String) async throws {
        let server = try RedisServer(.tls(), arguments: ["--tls-auth-clients", "yes", "--tls-protocols", version])
        try await withClient(server.url, tls: .ofTests(certificate: "client")) { client, _ in
            let reply = try await client.perform("PING")
            #expect(reply == .status("PONG"))
        }
        let (error, lines) = try await failure(of: server)
        let words = "the server wants a client certificate"
        #expect(error.contains("unavailable ("))
        #expect(error.contains(words))
        #expect(lines.contains { $0.contains(words) }, "\(lines)")
    }

    @Test("fails in time at a port without TLS, and if the server stops in the handshake")
    func noTLS() async throws {
        let plain = try RedisServer(.tcp)
        let url = RedisURL(plain.url.endpoint, isEncrypted: true)
        let words = "unavailable (the server did not respond to the TLS handshake; does it speak TLS on this port?)"
        let (_, lines) = try await failure(at: url, timeout: .seconds(1))
        #expect(lines.contains { $0.contains(words) })
        let encrypted = try RedisServer(.tls())
        encrypted.suspend()
        let (_, others) = try await failure(at: encrypted.url, timeout: .seconds(1))
        #expect(others.contains { $0.contains(words) })
        #expect(await waitUntil { openSockets(port: plain.port ?? 0) == [] })
    }

    @Test("a URL without TLS at a port with TLS is unavailable")
    func plainURL() async throws {
        let server = try RedisServer(.tls())
        let (error, _) = try await failure(at: RedisURL(server.url.endpoint), timeout: .seconds(1))
        #expect(error.contains("unavailable"))
    }

    @Test("reconnects when the server comes back")
    func reconnects() async throws {
        let server = try RedisServer(.tls())
        try await withClient(server.url, timeout: .seconds(1), tls: .ofTests()) { client, _ in
            for _ in 0..<3 {
                #expect(await waitUntil { (try? await client.perform("PING")) == .status("PONG") })
                server.kill()
                await #expect(throws: RedisError.self) { try await client.perform("PING") }
                try server.restart()
            }
            #expect(await waitUntil { (try? await client.perform("PING")) == .status("PONG") })
            #expect(openSockets(port: server.port ?? 0).count == 1)
        }
    }

    @Test("is read from a URL")
    func url() throws {
        #expect(try RedisURL("rediss://u:p@h:1/2").isEncrypted)
        try expect(RedisURL("REDISS://h").endpoint, is: .tcp(host: "h", port: 6379))
        #expect(try RedisURL("rediss+cluster://a,b").isEncrypted)
        #expect(try RedisURL("rediss+sentinel://a,b/m").isEncrypted)
        #expect(try !RedisURL("redis://h").isEncrypted)
        #expect(throws: RedisURLError.missingHost) { try RedisURL("rediss://") }
    }

    /// The error and the log lines if no command can be performed.
    private func failure(of server: RedisServer) async throws -> (error: String, lines: [String]) {
        guard let port = server.port else { return ("", []) }
        return try await failure(at: RedisURL(.tcp(host: "127.0.0.1", port: port), isEncrypted: true))
    }

    private func failure(
        at url: RedisURL,
        timeout: Interval = .seconds(2)
    ) async throws -> (error: String, lines: [String]) {
        let lines = Lock<[String]>([])
        let log = { @Sendable (line: String) in lines.withLock { $0.append(line) } }
        let error = try await withClient(url, timeout: timeout, tls: .ofTests(), log: log) { client, _ in
            let error = await #expect(throws: RedisError.self) { try await client.perform("PING") }
            // It is logged when connecting has failed, which may take as long.
            #expect(await waitUntil { lines.withLock { !$0.isEmpty } })
            return error
        }
        return (error?.description ?? "", lines.withLock { $0 })
    }
}
#endif
