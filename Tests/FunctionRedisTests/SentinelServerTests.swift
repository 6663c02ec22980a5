import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against real sentinels, and servers that fail over.
@Suite struct SentinelServerTests {
    /// The outcomes of commands under load.
    private struct Tally {
        /// The numbers of the acknowledged commands.
        var acknowledged: [Int] = []
        var unexpected: [String] = []
        var next = 0
        var lastReply = Instant.now
        var longest = Interval.seconds(0)
        var isOver = false
    }

    /// Runs commands that set a key each, until `body` is done; if `isDurable`, they wait for a replica.
    private func load(
        _ client: RedisClient,
        on loop: EventLoop,
        isDurable: Bool = false,
        _ body: (Lock<Tally>) async throws -> Void
    ) async throws -> Tally {
        let tally = Lock(Tally())
        let workers = (0..<16).map { _ in
            loop.start {
                while !tally.withLock({ $0.isOver }) {
                    await Self.set(client, isDurable, tally)
                    // Limits the load, because every key is checked at the end.
                    await loop.sleep(until: .now + .milliseconds(1))
                }
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(tally))
        } catch {
            result = .failure(error)
        }
        tally.withLock { $0.isOver = true }
        for worker in workers { await worker.value }
        try result.get()
        return tally.withLock { $0 }
    }

    private static func set(_ client: RedisClient, _ isDurable: Bool, _ tally: Lock<Tally>) async {
        let number = tally.withLock { tally in
            tally.next += 1
            return tally.next
        }
        let command = RedisCommand("SET", "key \(number)", "v")
        let start = Instant.now
        do throws(RedisError) {
            let reply = try await isDurable ? client.perform(command, isDurable: true) : client.perform(command)
            tally.withLock { tally in
                tally.acknowledged.append(number)
                tally.lastReply = .now
                if reply != .status("OK") { tally.unexpected.append("\(reply)") }
            }
        } catch {
            switch error.reason {
            case .unavailable, .connectionLost, .timedOut: break
            // The new primary's replicas are not connected yet.
            case .notReplicated where isDurable: break
            default: tally.withLock { $0.unexpected.append("\(error)") }
            }
        }
        let time = Instant.now - start
        tally.withLock { $0.longest = max($0.longest, time) }
    }

    /// Waits until `count` more commands were acknowledged.
    private func progress(_ tally: Lock<Tally>, _ count: Int = 500) async {
        let before = tally.withLock { $0.acknowledged.count }
        #expect(await waitUntil { tally.withLock { $0.acknowledged.count } >= before + count })
    }

    @Test(
        "after a failover under load, service resumes soon, and no durable command is lost",
        arguments: [true, false]
    )
    func failover(isKilled: Bool) async throws {
        let servers = try await SentinelServers()
        let lines = Lock([String]())
        try await withLoop { loop in
            let client = RedisClient(servers.url, on: loop, timeout: .seconds(1), replicas: 1) { line in
                lines.withLock { $0.append(line) }
            }
            let tally = try await load(client, on: loop, isDurable: true) { tally in
                await progress(tally)
                let old = try await servers.master()
                if isKilled { old.server.kill() } else { old.server.suspend() }
                let (new, seen) = try await servers.successor(of: old)
                #expect(await waitUntil { tally.withLock { $0.lastReply } > seen })
                // Mostly a tenth of a second, on an idle machine.
                #expect(tally.withLock { $0.lastReply } - seen < .seconds(5))
                #expect(lines.withLock { $0.contains { $0.contains("is now 127.0.0.1:\(new.port)") } })
                await progress(tally)
                if !isKilled { old.server.resume() }
                await progress(tally)
            }
            #expect(tally.unexpected == [])
            // On an idle machine, the deadline is one second.
            #expect(tally.longest < .seconds(5))
            let missing = await missing(tally, client, loop)
            #expect(missing == [])
            await client.close()
        }
    }

    /// The acknowledged commands whose key the primary does not have.
    private func missing(_ tally: Tally, _ client: RedisClient, _ loop: EventLoop) async -> [Int] {
        var missing: [Int] = []
        var rest = tally.acknowledged[...]
        while !rest.isEmpty {
            let numbers = rest.prefix(1000)
            rest = rest.dropFirst(1000)
            let commands = numbers.map { number in
                return RedisCommand("GET", "key \(number)")
            }
            let replies = await client.performAtOnce(commands, on: loop)
            missing += zip(numbers, replies).filter { (try? $1.get()) != .string([UInt8(ascii: "v")]) }.map(\.0)
        }
        return missing
    }

    @Test("during a manual failover, every command succeeds within its timeout")
    func ordered() async throws {
        let servers = try await SentinelServers()
        try await withLoop { loop in
            let client = RedisClient(servers.url, on: loop, timeout: .seconds(10))
            let tally = try await load(client, on: loop) { tally in
                await progress(tally)
                let old = try await servers.master()
                try await servers.failOver()
                _ = try await servers.successor(of: old)
                await progress(tally)
            }
            #expect(tally.unexpected == [])
            #expect(tally.acknowledged.count == tally.next)
            await client.close()
        }
    }

    @Test("servers and sentinels with passwords work, and wrong passwords are reported")
    func passwords() async throws {
        var options = SentinelServers.Options()
        options.password = "right"
        options.sentinelPassword = "other"
        let servers = try await SentinelServers(options)
        let endpoints = servers.sentinels.map(\.server.url.endpoint)
        for (password, sentinelPassword, problem) in [
            ("right", "other", ""), ("hunter2", "other", "WRONGPASS"), ("right", "hunter2", "WRONGPASS"),
            ("right", nil, "NOAUTH"),
        ] as [(String, String?, String)] {
            let url = RedisURL(
                .sentinel(master: SentinelServers.name),
                endpoints,
                password: password,
                sentinelPassword: sentinelPassword
            )
            try await withClient(url, timeout: .seconds(problem.isEmpty ? 10 : 1)) { client, _ in
                do throws(RedisError) {
                    let command = RedisCommand("SET", "k", "v")
                    let reply = try await client.perform(command)
                    #expect(reply == .status("OK") && problem == "")
                } catch {
                    #expect(problem != "" && error.description.contains(problem), "\(error)")
                    #expect(!error.description.contains("hunter2"))
                }
            }
        }
    }
}
