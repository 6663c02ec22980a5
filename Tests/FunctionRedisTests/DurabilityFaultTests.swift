import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Replies that wait for replicas, of fake servers that handle WAIT badly and of real ones.
@Suite struct DurabilityFaultTests {
    /// The commands WAIT and X that a server received.
    private final class Sent: Sendable {
        private let commands = Lock([String]())

        var all: [String] { commands.withLock { $0 } }

        /// A server that replies `+fine` to X, and `reply` to WAIT; `reply` gets the number of WAITs before.
        func behaviour(_ reply: @escaping @Sendable (Int) -> String?) -> FakeServer.Behaviour {
            { command, _ in
                if let greeting = FakeServer.greet(command) { return greeting }
                let waits = self.commands.withLock { commands in
                    defer { commands.append(command[0]) }
                    return commands.count { $0 == "WAIT" }
                }
                return command[0] == "WAIT" ? reply(waits) : "+fine\r\n"
            }
        }
    }

    private func withFake(
        timeout: Interval = .seconds(5),
        _ behaviour: @escaping FakeServer.Behaviour,
        _ body: (RedisClient, EventLoop) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let server = FakeServer(on: loop, behaviour)
            let client = RedisClient(try await server.start(), on: loop, timeout: timeout, replicas: 1)
            let result: Result<Void, any Error>
            do {
                try await body(client, loop)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await client.close()
            await server.stop()
            try result.get()
        }
    }

    private func failure(_ client: RedisClient) async -> RedisError? {
        do throws(RedisError) {
            Issue.record("replied \(try await client.perform(RedisCommand("X"), isDurable: true))")
            return nil
        } catch {
            return error
        }
    }

    @Test("a command that too few replicas have is not repeated")
    func fewer() async throws {
        let sent = Sent()
        try await withFake(sent.behaviour { _ in ":0\r\n" }) { client, _ in
            let error = await failure(client)
            #expect(error?.reason == .notReplicated(0, of: 1))
            #expect(error?.mayHaveBeenExecuted == true)
        }
        #expect(sent.all == ["X", "WAIT"])
    }

    @Test("the error for a forbidden WAIT has the server's words")
    func forbidden() async throws {
        let text = "-NOPERM this user has no permissions to run the 'wait' command\r\n"
        try await withFake(Sent().behaviour { _ in text }) { client, _ in
            let error = await failure(client)
            #expect(error?.description.contains("'wait'") == true)
            #expect(error?.mayHaveBeenExecuted == true)
        }
    }

    @Test("a command whose connection is lost before the replicas have it is repeated")
    func lost() async throws {
        let sent = Sent()
        try await withFake(sent.behaviour { $0 == 0 ? nil : ":1\r\n" }) { client, _ in
            let reply = try await client.perform(RedisCommand("X"), isDurable: true)
            #expect(reply == .status("fine"))
        }
        #expect(sent.all == ["X", "WAIT", "X", "WAIT"])
    }

    @Test("a WAIT without a reply fails its command in time, and does not delay others")
    func hung() async throws {
        try await withFake(timeout: .seconds(2), Sent().behaviour { _ in "" }) { client, loop in
            _ = try await client.perform(RedisCommand("X"))
            let isOver = Lock(false)
            let waiting = loop.start {
                let error = await failure(client)
                #expect(error?.mayHaveBeenExecuted == true)
                isOver.withLock { $0 = true }
            }
            var replies = 0
            while !isOver.withLock({ $0 }) {
                _ = try await client.perform(RedisCommand("X"))
                replies += 1
            }
            await waiting.value
            #expect(replies > 10)
        }
    }

    @Test("many commands at once share a few WAITs, and each has its reply")
    func many() async throws {
        let sent = Sent()
        let replied = Lock(0)
        try await withFake(sent.behaviour { _ in ":1\r\n" }) { client, loop in
            await loop.start {
                await withDiscardingTaskGroup { group in
                    for _ in 0..<1000 {
                        group.addTask {
                            guard (try? await client.perform(RedisCommand("X"), isDurable: true)) == .status("fine")
                            else {
                                return
                            }
                            replied.withLock { $0 += 1 }
                        }
                    }
                }
            }.value
        }
        #expect(replied.withLock { $0 } == 1000)
        #expect(sent.all.count { $0 == "WAIT" } < 10)
    }

    @Test("in a cluster, a command waits for the replicas of its slot's server")
    func cluster() async throws {
        try await FakeCluster.run(
            2,
            replicas: 1,
            as: { server, command, cluster in
                switch (command[0], server) {
                case ("CLUSTER", _): cluster.slots(of: cluster.count("GET", at: 1) > 0 ? 1 : 0)
                case ("WAIT", 0): ""
                case ("WAIT", _): ":1\r\n"
                case (_, 0): cluster.redirection("MOVED", to: 1)
                default: "+fine\r\n"
                }
            }
        ) { client, cluster, _ in
            let command = RedisCommand("GET", "foo")
            for _ in 0..<3 {
                let reply = try await client.perform(command, isDurable: true)
                #expect(reply == .status("fine"))
            }
            #expect(cluster.count("WAIT", at: 1) == 3)
            let before = cluster.count("WAIT", at: 1)
            _ = try await client.perform(command)
            #expect(cluster.count("WAIT", at: 1) == before)
        }
    }

    @Test("a write is durable with a replica, and not without one or while it hangs")
    func real() async throws {
        let primary = try RedisServer(.tcp, arguments: ["--repl-diskless-sync-delay", "0"])
        guard case .tcp(_, let port) = primary.url.endpoint else { return }
        try await withLoop { loop in
            let client = RedisClient(primary.url, on: loop, timeout: .seconds(3), replicas: 1)
            await expect(isDurable(client), is: .notReplicated(0, of: 1))
            let replica = try RedisServer(.tcp, arguments: ["--replicaof", "127.0.0.1", "\(port)"])
            #expect(await waitUntil { await isDurable(client) == nil })
            replica.suspend()
            await expect(isDurable(client), is: .notReplicated(0, of: 1))
            replica.resume()
            #expect(await waitUntil { await isDurable(client) == nil })
            await client.close()
        }
    }

    /// Why a write is not durable; nil if it is.
    private func isDurable(_ client: RedisClient) async -> RedisError.Reason? {
        let command = RedisCommand("SET", "k", "v")
        do throws(RedisError) {
            _ = try await client.perform(command, isDurable: true)
            return nil
        } catch {
            return error.reason
        }
    }
}
