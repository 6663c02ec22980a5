import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Many clients at work while the server is stopped, killed and started.
@Suite struct RedisChaosTests {
    /// The outcomes of the commands.
    private struct Tally {
        var replied = 0
        var failed = 0
        var unexpected: [String] = []
        var longest = Interval.seconds(0)
        var isOver = false
    }

    @Test(
        "under load, every command ends in time with a reply or a typed error, and service resumes within a second"
    )
    func load() async throws {
        let server = try RedisServer()
        let tally = Lock(Tally())
        try await withClient(server.url, timeout: .milliseconds(300)) { client, loop in
            let workers = (0..<32).map { _ in loop.start { await Self.work(client, tally) } }
            await Self.progress(client)
            for _ in 0..<2 {
                server.suspend()
                await Self.failure(client)
                server.resume()
                await Self.isBack(client, loop)
                await Self.progress(client)
                server.kill()
                await Self.failure(client)
                try server.restart()
                await Self.isBack(client, loop)
                await Self.progress(client)
            }
            tally.withLock { $0.isOver = true }
            for worker in workers { await worker.value }
        }
        let result = tally.withLock { $0 }
        #expect(result.unexpected == [])
        #expect(result.replied > 1000 && result.failed >= 64)
        // Three times the timeout, because the test itself loads the machine.
        #expect(result.longest < .milliseconds(900) + LongRun.margin)
    }

    private static func work(_ client: RedisClient, _ tally: Lock<Tally>) async {
        let command = RedisCommand("SET", "k", "v")
        while !tally.withLock({ $0.isOver }) {
            let start = Instant.now
            do throws(RedisError) {
                let reply = try await client.perform(command)
                tally.withLock { $0.replied += 1 }
                if reply != .status("OK") { tally.withLock { $0.unexpected.append("\(reply)") } }
            } catch {
                tally.withLock { $0.failed += 1 }
                if !error.isTransient { tally.withLock { $0.unexpected.append("\(error)") } }
            }
            let time = Instant.now - start
            tally.withLock { $0.longest = max($0.longest, time) }
        }
    }

    /// Lets the workers run for the time of some hundred commands.
    private static func progress(_ client: RedisClient) async {
        for _ in 0..<300 { _ = try? await client.perform("PING") }
    }

    /// Waits until a command has failed.
    private static func failure(_ client: RedisClient) async {
        while (try? await client.perform("PING")) != nil {}
    }

    private static func isBack(_ client: RedisClient, _ loop: EventLoop) async {
        let absence = await loop.time { while (try? await client.perform("PING")) == nil {} }
        #expect(absence < .seconds(1) + LongRun.margin)
    }
}
