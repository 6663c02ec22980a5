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
    @Suite("no token or credit is lost if Redis fails") struct StoreFaultTests {
        private static let settings = ["REDIS_TIMEOUT_MS": "2000"]
        private static let durable = ["--appendonly", "yes", "--appendfsync", "always"]

        /// A function whose connections to Redis go through a faulty proxy.
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
                try await expect(service.end(), is: 0)
                await proxy.stop()
            }
        }

        private func expectUnavailable(_ response: ReceivedResponse) {
            #expect(response.status == 503)
            #expect(response.code == "store_unavailable")
            #expect(response.field("retry-after") == "1")
        }

        /// Waits until token and credit are released, and expects that the token then opens its stream.
        private func expectRecovery(_ token: String, _ service: StreamService) async throws {
            let organization = service.organization
            try await eventually("token and credit are released") {
                guard try await organization.isLive(token) else { return false }
                return try await organization.balance == Balance(credits: 1)
            }
            try await expect(organization.members(of: "held"), is: 0)
            try await expect(organization.members(of: "open"), is: 0)
            try await expectStream(token, service)
        }

        private func expectStream(_ token: String, _ service: StreamService) async throws {
            let response = try await service.open(token)
            #expect(response.status == 200)
            #expect(response.body == "one two three" && response.isWhole)
            let organization = service.organization
            #expect(try await organization.isUsed(token))
            try await expect(organization.balance, is: Balance(credits: 0))
            try await expect(service.open(token).status, is: 401)
        }

        @Test(
            "a fault of a single command has no effect",
            arguments: [StoreCommand.Operation.reserve, .commit],
            [FaultyProxy.Fate.cut, .swallow, .loseReply, .hold]
        )
        func once(operation: StoreCommand.Operation, fate: FaultyProxy.Fate) async throws {
            let setting = try await Setting(try RedisServer())
            let token = try await setting.organization.mint()
            await setting.proxy.apply(fate, to: operation, atMost: 1)
            try await expectStream(token, setting.service)
            await expect(setting.proxy.count(of: operation), in: 2...)
            // The command that was held back is executed long after its repetition, and changes nothing.
            await setting.proxy.letGo()
            #expect(try await setting.organization.isUsed(token))
            try await expect(setting.organization.balance, is: Balance(credits: 0))
            try await setting.end()
        }

        @Test(
            "a lasting fault returns 503, and no token is used",
            arguments: [StoreCommand.Operation.reserve, .commit],
            [FaultyProxy.Fate.cut, .swallow, .loseReply]
        )
        func lasting(operation: StoreCommand.Operation, fate: FaultyProxy.Fate) async throws {
            let setting = try await Setting(try RedisServer())
            let token = try await setting.organization.mint()
            await setting.proxy.apply { command in
                // Otherwise the reservation would be released at once.
                command.operation == .release ? .cut : command.operation == operation ? fate : .pass
            }
            expectUnavailable(try await setting.service.open(token))
            await setting.proxy.heal()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test(
            "a command that Redis executes long after its 503 is undone",
            arguments: [StoreCommand.Operation.reserve, .commit]
        )
        func executedLate(operation: StoreCommand.Operation) async throws {
            let redis = try RedisServer()
            let setting = try await Setting(redis)
            let token = try await setting.organization.mint()
            await setting.proxy.apply(.hold, to: operation)
            async let response = setting.service.open(token)
            try await eventually("the command is on its way") { await setting.proxy.count(of: operation) == 1 }
            redis.suspend()
            // From now on the command is in Redis' socket.
            await setting.proxy.letGo()
            expectUnavailable(try await response)
            await setting.proxy.heal()
            redis.resume()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test("if Redis is killed before the reservation, the token is not used")
        func killedBeforeReserve() async throws {
            let redis = try RedisServer(.tcp, arguments: Self.durable)
            let service = try await StreamService(redis, credits: 1, Self.settings)
            let token = try await service.organization.mint()
            redis.kill()
            expectUnavailable(try await service.open(token))
            try redis.restart()
            try await expectRecovery(token, service)
            try await expect(service.end(), is: 0)
        }

        @Test("if Redis is killed between reservation and commit, the token is not used")
        func killedBeforeCommit() async throws {
            let redis = try RedisServer(.tcp, arguments: Self.durable)
            let setting = try await Setting(redis)
            let token = try await setting.organization.mint()
            await setting.proxy.apply(.swallow, to: .commit)
            async let response = setting.service.open(token)
            try await eventually("the token is reserved") { await setting.proxy.count(of: .commit) > 0 }
            try await expect(setting.organization.balance, is: Balance(credits: 1, held: 1))
            redis.kill()
            expectUnavailable(try await response)
            await setting.proxy.heal()
            try redis.restart()
            try await expectRecovery(token, setting.service)
            try await setting.end()
        }

        @Test(
            "if Redis is killed after the commit, the stream opens if Redis is back in time; otherwise the use is undone",
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
                // Without replies to PING, no other connection can be used meanwhile.
                command.operation == .commit ? .loseReply : command.operation == .ping ? .cut : .pass
            }
            async let response = service.open(token)
            try await eventually("the commit is executed") { try await service.organization.isUsed(token) }
            try await expect(service.organization.balance.credits, is: 0)
            redis.kill()
            if isBackInTime {
                await proxy.heal()
                try redis.restart()
                try await expect(response.status, is: 200)
                try await expect(service.organization.balance, is: Balance(credits: 0))
            } else {
                expectUnavailable(try await response)
                await proxy.heal()
                try redis.restart()
                try await expectRecovery(token, service)
            }
            try await expect(service.end(), is: 0)
            await proxy.stop()
        }

        @Test(
            "a client that leaves while Redis is slow is charged only if the commit was sent",
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
            // Once the function serves a later request, it has seen the close.
            try await expect(Client(port: service.port).ask("/health/liveness").status, is: 200)
            await proxy.letGo()
            if operation == .reserve {
                try await expectRecovery(token, service)
                try await eventually("it is logged") { service.process.output.contains(#""status":499"#) }
            } else {
                try await eventually("the stream has ended") {
                    service.process.output.contains(#""code":"stream_interrupted""#)
                }
                #expect(try await organization.isUsed(token))
                try await eventually("the stream is no longer counted") {
                    try await organization.balance == Balance(credits: 0)
                }
            }
            try await expect(service.end(), is: 0)
            await proxy.stop()
        }

        @Test("after the time in retry-after, the token can be used again")
        func retryAfter() async throws {
            let setting = try await Setting(try RedisServer(), credits: nil)
            var tokens: [String] = []
            for _ in 0..<20 { tokens.append(try await setting.organization.mint()) }
            await setting.proxy.apply { $0.operation == .commit ? .loseReply : .pass }
            try await withThrowingTaskGroup { group in
                for (index, token) in tokens.enumerated() {
                    group.addTask {
                        // Spread over the second in which the function looks after its attempts once.
                        await testLoop.start { await testLoop.sleep(until: .now + .milliseconds(50 * index)) }.value
                        let response = try await setting.service.open(token)
                        expectUnavailable(response)
                        let wait = try response.field("retry-after").flatMap { Int($0) }.orThrow("no retry-after")
                        await testLoop.start { await testLoop.sleep(until: .now + .seconds(wait)) }.value
                        // It is live almost at once, but other tests may keep the function from its core for seconds.
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

        @Test("at its end a function releases attempts of unknown outcome")
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
            try await expect(setting.organization.balance, is: Balance(credits: 1))
        }
    }
}

/// Waits until the function has rehearsed its six operations, so that faults only affect later commands.
func rehearsed(through proxy: FaultyProxy) async throws {
    try await eventually("the function has rehearsed") { await proxy.count(of: .rehearsal) >= 6 }
}
