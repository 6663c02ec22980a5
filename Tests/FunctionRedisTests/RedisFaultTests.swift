import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against real servers that die, stop, come back, or refuse.
@Suite struct RedisFaultTests {
    @Test("commands in flight to a killed server fail within the timeout, as possibly executed")
    func killed() async throws {
        let server = try RedisServer()
        try await withClient(server.url, timeout: .seconds(2)) { client, loop in
            let isOver = Lock(false)
            async let time = loop.time {
                let error = await redisError { try await client.perform("BLPOP", "k", "0") }
                #expect(error?.mayHaveBeenExecuted == true)
                isOver.withLock { $0 = true }
            }
            try await withClient(server.url) { observer, _ in
                while !isOver.withLock({ $0 }) {
                    guard case .string(let text) = try await observer.perform("INFO", "clients") else { return }
                    if String(decoding: text, as: UTF8.self).contains("blocked_clients:1") { return }
                }
            }
            server.kill()
            await expect(time, in: ..<(.seconds(3)))
        }
    }

    @Test("an operation survives a restart of the server", arguments: [RedisServer.Transport.unix, .tcp])
    func restarted(transport: RedisServer.Transport) async throws {
        let server = try RedisServer(transport)
        try await withClient(server.url) { client, _ in
            for round in 0..<3 {
                let reply = try await client.perform("INCR", "k")
                #expect(reply == .integer(1), "round \(round)")
                try server.restart()
            }
        }
    }

    @Test("a command waits for a server that starts later")
    func late() async throws {
        let server = try RedisServer()
        server.kill()
        try await withClient(server.url) { client, loop in
            let waiting = loop.start {
                let reply = try? await client.perform("PING")
                #expect(reply == .status("PONG"))
            }
            try server.restart()
            await waiting.value
        }
    }

    @Test("a missing server is unavailable, with the cause, within the timeout")
    func absent() async throws {
        let server = try RedisServer()
        server.kill()
        try await withClient(server.url, timeout: .milliseconds(500)) { client, loop in
            let time = await loop.time {
                let error = await redisError { try await client.perform("PING") }
                #expect(error?.mayHaveBeenExecuted == false)
                #expect(error?.description.contains("connect: ") == true)
            }
            #expect(time < .seconds(1) + LongRun.margin)
        }
    }

    @Test("commands to a stopped server fail at their deadline, and succeed within a second after it continues")
    func suspended() async throws {
        let server = try RedisServer()
        try await withClient(server.url, timeout: .milliseconds(500)) { client, loop in
            _ = try await client.perform("PING")
            server.suspend()
            let time = await loop.time {
                let failure = await redisError { try await client.perform("PING") }
                #expect(failure?.mayHaveBeenExecuted == true)
            }
            #expect(time < .seconds(1) + LongRun.margin)
            server.resume()
            let absence = await loop.time { while (try? await client.perform("PING")) == nil {} }
            #expect(absence < .seconds(1) + LongRun.margin)
        }
    }

    @Test("a wrong password fails every command, and is not repeated in the errors")
    func wrongPassword() async throws {
        let server = try RedisServer(arguments: ["--requirepass", "right"])
        let url = RedisURL(server.url.endpoint, password: "hunter2")
        let lines = Lock([String]())
        try await withClient(url, log: { line in lines.withLock { $0.append(line) } }) { client, _ in
            for _ in 0..<3 {
                let error = await redisError { try await client.perform("PING") }
                guard case .refused(let cause)? = error?.reason else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(cause.code == "WRONGPASS")
                #expect(error?.mayHaveBeenExecuted == false)
            }
        }
        let said = lines.withLock { $0 }
        #expect(said.count == 1)
        #expect(said.allSatisfy { $0.contains("WRONGPASS") && !$0.contains("hunter2") })
    }

    @Test("a missing password fails commands with NOAUTH")
    func missingPassword() async throws {
        let server = try RedisServer(arguments: ["--requirepass", "right"])
        try await withClient(server.url) { client, _ in
            let error = await redisError { try await client.perform("PING") }
            #expect(error?.description.contains("NOAUTH") == true)
        }
    }

    @Test("a database that does not exist fails commands with the reason")
    func missingDatabase() async throws {
        let server = try RedisServer()
        try await withClient(RedisURL(server.url.endpoint, database: 99)) { client, _ in
            let error = await redisError { try await client.perform("PING") }
            #expect(error?.description.contains("out of range") == true)
        }
    }

    @Test(
        "a rejected write fails with the server's reason, as not executed",
        arguments: [
            ("OOM", ["--maxmemory", "1"]),
            ("NOREPLICAS", ["--min-replicas-to-write", "1"]),
        ]
    )
    func refused(code: String, arguments: [String]) async throws {
        let server = try RedisServer(arguments: arguments)
        try await withClient(server.url) { client, _ in
            let error = await redisError { try await client.perform("SET", "k", "v") }
            guard case .refused(let cause)? = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.code == code)
            #expect(error?.mayHaveBeenExecuted == false)
            let script = RedisScript(Array("return redis.call('SET', KEYS[1], 'v')".utf8))
            var command = RedisCommand(evaluating: script, keyCount: 1)
            command.append("k")
            let scriptError = await redisError { try await client.perform(command) }
            #expect(scriptError?.description.contains(code) == true)
        }
    }

    @Test("a replica without its primary is unavailable")
    func masterDown() async throws {
        let arguments = ["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"]
        let server = try RedisServer(arguments: arguments)
        try await withClient(server.url, timeout: .seconds(1)) { client, _ in
            let error = await redisError { try await client.perform("GET", "k") }
            #expect(error?.description.contains("MASTERDOWN") == true)
        }
    }

    @Test("the right to evaluate scripts is enough for a user")
    func leastRights() async throws {
        let rights = ["--user", "mint", "on", ">p", "~*", "-@all", "+eval", "+evalsha"]
        let server = try RedisServer(arguments: rights)
        let url = RedisURL(server.url.endpoint, user: "mint", password: "p")
        let script = RedisScript(Array("return 1".utf8))
        try await withClient(url) { client, _ in
            for _ in 0..<3 {
                let reply = try await client.perform(RedisCommand(evaluating: script, keyCount: 0))
                #expect(reply == .integer(1))
            }
        }
    }
}
