import Foundation
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// A name that later leads to another real server: a link to its socket, which each connection follows anew, as it
/// would resolve a hostname.
@Suite struct MovingServerTests {
    private final class Name {
        private let folder: TemporaryFolder
        let url: RedisURL
        private let path: String

        init(of server: RedisServer) throws {
            folder = try TemporaryFolder()
            path = folder.path + "/s"
            url = RedisURL(.unix(path: path))
            try lead(to: server)
        }

        func lead(to server: RedisServer) throws {
            guard case .unix(let target) = server.url.endpoint else { return }
            try FileManager.default.createSymbolicLink(atPath: path + ".next", withDestinationPath: target)
            rename(path + ".next", path)
        }
    }

    private func ask(_ server: RedisServer, _ name: StaticString, _ arguments: String...) async throws {
        try await withClient(server.url) { client, _ in
            var command = RedisCommand(name)
            for argument in arguments { command.append(argument) }
            _ = try await client.perform(command)
        }
    }

    @Test("a write that the former primary rejects is executed by the server that the name now leads to")
    func moved() async throws {
        let (former, next) = (try RedisServer(), try RedisServer())
        let name = try Name(of: former)
        let lines = Lock([String]())
        try await withClient(name.url, log: { line in lines.withLock { $0.append(line) } }) { client, _ in
            let reply1 = try await client.perform("INCR", "k")
            #expect(reply1 == .integer(1))
            try await ask(next, "SET", "k", "10")
            try await ask(former, "REPLICAOF", "127.0.0.1", "1")
            try name.lead(to: next)
            let reply2 = try await client.perform("INCR", "k")
            #expect(reply2 == .integer(11))
        }
        #expect(lines.withLock { $0 }.contains { $0.contains("READONLY") })
    }

    @Test("while the name leads to the former primary, writes fail in time with the reason; later they succeed")
    func late() async throws {
        let (former, next) = (try RedisServer(), try RedisServer())
        let name = try Name(of: former)
        try await withClient(name.url, timeout: .milliseconds(300)) { client, loop in
            _ = try await client.perform("INCR", "k")
            try await ask(former, "REPLICAOF", "127.0.0.1", "1")
            for _ in 0..<3 {
                let time = await loop.time {
                    let error = await redisError { try await client.perform("INCR", "k") }
                    #expect(error?.mayHaveBeenExecuted == false)
                    #expect(error?.description.contains(/READONLY|is a replica/) == true)
                }
                #expect(time < .seconds(1) + LongRun.margin)
            }
            try name.lead(to: next)
            let isServed = await waitUntil { (try? await client.perform("SET", "k", "v")) == .status("OK") }
            #expect(isServed)
        }
    }

    @Test("a replica that has lost its primary is left as well")
    func masterDown() async throws {
        let (former, next) = (try RedisServer(arguments: ["--replica-serve-stale-data", "no"]), try RedisServer())
        let name = try Name(of: former)
        try await withClient(name.url) { client, _ in
            _ = try await client.perform("INCR", "k")
            try await ask(former, "REPLICAOF", "127.0.0.1", "1")
            try name.lead(to: next)
            let reply3 = try await client.perform("INCR", "k")
            #expect(reply3 == .integer(1))
        }
    }

    @Test("a writable replica is used like any server")
    func writableReplica() async throws {
        let server = try RedisServer(arguments: ["--replicaof", "127.0.0.1", "1", "--replica-read-only", "no"])
        try await withClient(server.url) { client, _ in
            let reply4 = try await client.perform("INCR", "k")
            #expect(reply4 == .integer(1))
        }
    }

    @Test("a server that drops every connection after the login floods neither itself nor the log")
    func dropped() async throws {
        let connections = Lock(0)
        let lines = Lock([String]())
        let log: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
        let behaviour: FakeServer.Behaviour = { _, connection in
            connections.withLock { $0 = max($0, connection) }
            return nil
        }
        try await withFake(timeout: .milliseconds(500), log: log, behaviour) { client, _, _ in
            for _ in 0..<4 { _ = await redisError { try await client.perform("X") } }
        }
        // 10, 20, 40 … 320 and 500 ms, each less up to half: 2 s have room for about fifteen.
        #expect(connections.withLock { $0 } < 30)
        // The kernel reports it in two ways.
        #expect(lines.withLock { $0.count } <= 2)
    }

    @Test("the error has what the server said before it hung up", arguments: [1, 2])
    func fullServer(clients: Int) async throws {
        let server = try RedisServer(arguments: ["--maxclients", "1"])
        try await withClient(server.url) { holder, _ in
            _ = try await holder.perform("PING")
            let url = clients == 1 ? server.url : RedisURL(server.url.endpoint, password: "hunter2")
            try await withClient(url, timeout: .milliseconds(300)) { client, _ in
                let error = await redisError { try await client.perform("PING") }
                #expect(error?.description.contains("ERR max number of clients reached") == true)
            }
        }
    }

    @Test(
        "a server that accepts no EVALSHA gets scripts as text",
        arguments: [["+eval"], ["+eval", "+script|load"]]
    )
    func noDigests(rights: [String]) async throws {
        let server = try RedisServer(arguments: ["--user", "mint", "on", ">p", "~*", "-@all"] + rights)
        let url = RedisURL(server.url.endpoint, user: "mint", password: "p")
        let command = RedisCommand(evaluating: RedisScript(Array("return 1".utf8)), keyCount: 0)
        try await withClient(url) { client, _ in
            for _ in 0..<3 {
                let reply = try await client.perform(command)
                #expect(reply == .integer(1))
            }
        }
    }

    @Test("a cluster node works as a single server if it has all slots; otherwise the error says what to write")
    func node() async throws {
        let server = try RedisServer(.tcp, arguments: ["--cluster-enabled", "yes"])
        let advice = "write redis+cluster:// instead of redis://"
        try await withClient(server.url, timeout: .milliseconds(300)) { client, _ in
            let error = await redisError { try await client.perform("PING") }
            #expect(error?.description.contains(advice) == true)
        }
        let raw = try RawClient(port: #require(server.port))
        try await raw.send("CLUSTER ADDSLOTSRANGE 0 16383\r\n")
        try await withClient(server.url) { client, _ in
            let isServed = await waitUntil { (try? await client.perform("SET", "k", "v")) == .status("OK") }
            #expect(isServed)
        }
    }
}
