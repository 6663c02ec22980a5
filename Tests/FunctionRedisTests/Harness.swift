import FunctionEventLoop
import FunctionRedis
import FunctionTLS
import Support
import Testing

@testable import FunctionRedis

/// Runs `body` with a loop on a thread of its own.
func withLoop<Result>(_ body: (EventLoop) async throws -> Result) async throws -> Result {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    return try await body(loop)
}

extension EventLoop {
    /// Runs `body` on the loop and returns how long it took. A measurement must not wait for the threads that all tests
    /// share.
    func time(_ body: @escaping @Sendable () async -> Void) async -> Interval {
        let time = Lock(Interval.seconds(0))
        await start {
            let start = Instant.now
            await body()
            time.withLock { $0 = Instant.now - start }
        }.value
        return time.withLock { $0 }
    }
}

/// Runs `body` with a client of the server at `url`.
func withClient<Result>(
    _ url: RedisURL,
    timeout: Interval = .seconds(5),
    tls: TLSContext = .system,
    log: @escaping @Sendable (String) -> Void = { _ in },
    _ body: (RedisClient, EventLoop) async throws -> Result
) async throws -> Result {
    try await withLoop { loop in
        let client = RedisClient(url, on: loop, timeout: timeout, tls: tls, log: log)
        do {
            let result = try await body(client, loop)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}

/// Runs `body` with a client of a server with this behaviour, which greets as usual where `behaviour` returns nothing.
func withFake<Result>(
    timeout: Interval = .seconds(5),
    greets: Bool = true,
    log: @escaping @Sendable (String) -> Void = { _ in },
    _ behaviour: @escaping FakeServer.Behaviour,
    _ body: (RedisClient, FakeServer, EventLoop) async throws -> Result
) async throws -> Result {
    try await withLoop { loop in
        let server = FakeServer(on: loop) { command, connection in
            (greets ? FakeServer.greet(command) : nil) ?? behaviour(command, connection)
        }
        let client = RedisClient(try await server.start(), on: loop, timeout: timeout, log: log)
        do {
            let result = try await body(client, server, loop)
            await client.close()
            await server.stop()
            return result
        } catch {
            await client.close()
            await server.stop()
            throw error
        }
    }
}

extension RedisClient {
    /// Performs a command from its words.
    func perform(_ name: StaticString, _ arguments: String...) async throws -> RedisReply {
        var command = RedisCommand(name)
        for argument in arguments { command.append(argument) }
        return try await perform(command)
    }

    /// Performs `commands` at once, in the same turn of the loop, and returns their replies in order.
    func performAtOnce(_ commands: [RedisCommand], on loop: EventLoop) async -> [Result<RedisReply, RedisError>] {
        let replies = Lock([Result<RedisReply, RedisError>?](repeating: nil, count: commands.count))
        await loop.start {
            await withTaskGroup(of: Void.self) { group in
                for (index, command) in commands.enumerated() {
                    group.addTask {
                        let result: Result<RedisReply, RedisError>
                        do throws(RedisError) {
                            result = .success(try await self.perform(command))
                        } catch {
                            result = .failure(error)
                        }
                        replies.withLock { $0[index] = result }
                    }
                }
            }
        }.value
        return replies.withLock { $0.compactMap { $0 } }
    }
}

/// The error that `body` throws; records an issue if it throws none.
func redisError(_ body: () async throws -> RedisReply) async -> RedisError? {
    do {
        Issue.record("replied \(try await body())")
        return nil
    } catch {
        return error as? RedisError
    }
}
