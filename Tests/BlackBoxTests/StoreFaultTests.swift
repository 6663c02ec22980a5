import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokens
import StreamTokensRedis
import Support
import Testing

/// All tests of the built `stream`.
@Suite("The stream executable")
enum StreamBlackBox {}

extension StreamBlackBox {
    @Suite("when Redis fails loses neither token nor credit") struct StoreFaultTests {
        private static let settings = ["REDIS_TIMEOUT_MS": "2000"]
        private static let durable = ["--appendonly", "yes", "--appendfsync", "always"]

        /// What stands between the function and its Redis, and all that belongs to it.
        private struct Setting {
            let proxy: FaultyProxy
            let service: StreamService
            var organization: TestOrganization { service.organization }

            init(_ redis: RedisServer, credits: Int? = 1) async throws {
                proxy = try FaultyProxy(to: redis, on: proxyLoop)
                service = try await StreamService(redis, credits: credits, at: proxy.start(), settings)
                try await rehearsed(through: proxy)
            }

            func end() async throws {
                #expect(try await service.end() == 0)
                await proxy.stop()
            }
        }

        private func expectUnavailable(_ answer: Answer) {
            #expect(answer.status == 503)
            #expect(answer.code == "store_unavailable")
            #expect(answer.field("retry-after") == "1")
        }

        /// Expects that nothing is spent or held any more within the time that it takes, and that the token then opens
        /// its stream.
        private func expectRecovery(_ token: String, _ service: StreamService) async throws {
            let organization = service.organization
            try await eventually("token and credit come back") {
                guard try await organization.isLive(token) else { return false }
                return try await organization.balance == Balance(credits: 1)
            }
            #expect(try await organization.members(of: "held") == 0)
            #expect(try await organization.members(of: "open") == 0)
            try await expectStream(token, service)
        }

        private func expectStream(_ token: String, _ service: StreamService) async throws {
            let answer = try await service.open(token)
            #expect(answer.status == 200)
            #expect(answer.body == "one two three" && answer.isWhole)
            let organization = service.organization
            #expect(try await organization.isUsed(token))
            #expect(try await organization.balance == Balance(credits: 0))
            #expect(try await service.open(token).status == 401)
        }

        @Test(
            "a fault of one command is not noticed",
            arguments: [StoreCommand.Operation.reserve, .commit],
            [FaultyProxy.Fate.cut, .swallow, .loseReply, .hold]
        )
        func once(operation: StoreCommand.Operation, fate: FaultyProxy.Fate) async throws {
            let setting = try await Setting(try RedisServer())
            let token = try await setting.organization.mint()
            await setting.proxy.apply(fate, to: operation, atMost: 1)
            try await expectStream(token, setting.service)
            #expect(await setting.proxy.count(of: operation) >= 2)
            // What was held back is executed long after its repetition, and changes nothing.
            await setting.proxy.letGo()
            #expect(try await setting.organization.isUsed(token))
            #expect(try await setting.organization.balance == Balance(credits: 0))
            try await setting.end()
        }

        @Test(
            "a fault that lasts is answered with 503, and leaves nothing spent",
            arguments: [StoreCommand.Operation.reserve, .commit],
            [FaultyProxy.Fate.cut, .swallow, .loseReply]
        )
        func lasting(operation: StoreCommand.Operation, fate: FaultyProxy.Fate) async throws {
            let setting = try await Setting(try RedisServer())
            let token = try await setting.organization.mint()
            await setting.proxy.apply { command in
                // Else it would be given back at once.
                command.operation == .release ? .cut : command.operation == operation ? fate : .pass
            }
            expectUnavailable(try await setting.service.open(token))
            await setting.proxy.heal()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test(
            "Redis stands still and then executes what was answered with 503 long before: it is released",
            arguments: [StoreCommand.Operation.reserve, .commit]
        )
        func executedLate(operation: StoreCommand.Operation) async throws {
            let redis = try RedisServer()
            let setting = try await Setting(redis)
            let token = try await setting.organization.mint()
            await setting.proxy.apply(.hold, to: operation)
            async let answer = setting.service.open(token)
            try await eventually("the command is on its way") { await setting.proxy.count(of: operation) == 1 }
            redis.suspend()
            // Lies in Redis' socket from now on.
            await setting.proxy.letGo()
            expectUnavailable(try await answer)
            await setting.proxy.heal()
            redis.resume()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test("Redis is killed before the reservation: nothing is spent")
        func killedBeforeReserve() async throws {
            let redis = try RedisServer(.tcp, arguments: Self.durable)
            let service = try await StreamService(redis, credits: 1, Self.settings)
            let token = try await service.organization.mint()
            redis.kill()
            expectUnavailable(try await service.open(token))
            try redis.restart()
            try await expectRecovery(token, service)
            #expect(try await service.end() == 0)
        }

        @Test("Redis is killed between reservation and commit: nothing is spent")
        func killedBeforeCommit() async throws {
            let redis = try RedisServer(.tcp, arguments: Self.durable)
            let setting = try await Setting(redis)
            let token = try await setting.organization.mint()
            await setting.proxy.apply(.swallow, to: .commit)
            async let answer = setting.service.open(token)
            try await eventually("the token is reserved") { await setting.proxy.count(of: .commit) > 0 }
            #expect(try await setting.organization.balance == Balance(credits: 1, held: 1))
            redis.kill()
            expectUnavailable(try await answer)
            await setting.proxy.heal()
            try redis.restart()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test(
            "Redis is killed after it executed the commit: the stream opens if it is back in time, else all is given back",
            arguments: [true, false]
        )
        func killedAfterCommit(isBackInTime: Bool) async throws {
            let redis = try RedisServer(.tcp, arguments: Self.durable)
            let proxy = try FaultyProxy(to: redis, on: proxyLoop)
            let settings = ["REDIS_TIMEOUT_MS": isBackInTime ? "10000" : "2000"]
            let service = try await StreamService(redis, credits: 1, at: proxy.start(), settings)
            try await rehearsed(through: proxy)
            let token = try await service.organization.mint()
            await proxy.apply { command in
                // No other connection can be used meanwhile.
                command.operation == .commit ? .loseReply : command.operation == .ping ? .cut : .pass
            }
            async let answer = service.open(token)
            try await eventually("the commit is executed") { try await service.organization.isUsed(token) }
            #expect(try await service.organization.balance.credits == 0)
            redis.kill()
            if isBackInTime {
                await proxy.heal()
                try redis.restart()
                #expect(try await answer.status == 200)
                #expect(try await service.organization.balance == Balance(credits: 0))
            } else {
                expectUnavailable(try await answer)
                await proxy.heal()
                try redis.restart()
                try await expectRecovery(token, service)
            }
            #expect(try await service.end() == 0)
            await proxy.stop()
        }

        @Test(
            "a client that goes while Redis is slow: before the commit all is given back, from it on it is charged",
            arguments: [StoreCommand.Operation.reserve, .commit]
        )
        func clientGone(during operation: StoreCommand.Operation) async throws {
            let redis = try RedisServer()
            let proxy = try FaultyProxy(to: redis, on: proxyLoop)
            let settings = ["REDIS_TIMEOUT_MS": "10000"]
            let service = try await StreamService(redis, credits: 1, at: proxy.start(), settings)
            try await rehearsed(through: proxy)
            let organization = service.organization
            let token = try await organization.mint()
            await proxy.apply(.hold, to: operation, atMost: 1)
            let client = StreamClient(port: service.port)
            try await client.send(StreamRequest.count(to: 1_000_000, every: 100).text(token))
            try await eventually("the command is on its way") { await proxy.count(of: operation) == 1 }
            await client.close()
            // The function has seen it when it answers what comes after it.
            #expect(try await Client(port: service.port).ask("/health/liveness").status == 200)
            await proxy.letGo()
            if operation == .reserve {
                try await expectRecovery(token, service)
                #expect(service.process.output.contains(#""status":499"#))
            } else {
                try await eventually("the stream has ended") {
                    service.process.output.contains(#""code":"stream_interrupted""#)
                }
                #expect(try await organization.isUsed(token))
                try await eventually("it is off the count") {
                    try await organization.balance == Balance(credits: 0)
                }
            }
            #expect(try await service.end() == 0)
            await proxy.stop()
        }

        @Test("whoever waits as long as retry-after says finds his token usable again")
        func retryAfter() async throws {
            let setting = try await Setting(try RedisServer(), credits: nil)
            var tokens: [String] = []
            for _ in 0..<20 { tokens.append(try await setting.organization.mint()) }
            await setting.proxy.apply { $0.operation == .commit ? .loseReply : .pass }
            try await withThrowingTaskGroup { group in
                for (index, token) in tokens.enumerated() {
                    group.addTask {
                        // At different times of the second in which the function looks after its attempts.
                        await testLoop.start { await testLoop.sleep(until: .now + .milliseconds(50 * index)) }.value
                        let answer = try await setting.service.open(token)
                        expectUnavailable(answer)
                        let wait = try answer.field("retry-after").flatMap { Int($0) }.orThrow("no retry-after")
                        await testLoop.start { await testLoop.sleep(until: .now + .seconds(wait)) }.value
                        // A busy machine may be late.
                        // Nearly at once; but other tests may keep the function from its core for seconds.
                        try await eventually("it is live again", within: .seconds(5)) {
                            try await setting.organization.isLive(token)
                        }
                    }
                }
                try await group.waitForAll()
            }
            await setting.proxy.heal()
            try await setting.end()
        }

        @Test("a function that ends with attempts of unknown outcome releases them before")
        func settledAtTheEnd() async throws {
            let setting = try await Setting(try RedisServer())
            let token = try await setting.organization.mint()
            await setting.proxy.apply { command in
                command.operation == .commit ? .loseReply : command.operation == .release ? .cut : .pass
            }
            expectUnavailable(try await setting.service.open(token))
            #expect(try await setting.organization.isUsed(token))
            await setting.proxy.heal()
            try await setting.end()
            #expect(try await setting.organization.isLive(token))
            #expect(try await setting.organization.balance == Balance(credits: 1))
        }
    }
}

/// Waits until the function has rehearsed its six operations: faults are for what comes after.
private func rehearsed(through proxy: FaultyProxy) async throws {
    try await eventually("the function has rehearsed") { await proxy.count(of: .rehearsal) >= 6 }
}
