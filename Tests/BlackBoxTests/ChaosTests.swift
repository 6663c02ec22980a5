import FunctionEventLoop
import FunctionRedis
import Support
import Testing

extension BlackBox {
    /// Minutes with LONG=1.
    @Suite("under load") struct ChaosTests {
        private static let rounds = LongRun.isOn ? 60 : 2
        /// In milliseconds.
        private static let timeout = 300
        /// What a machine of two cores that is busy with this test may add to any time.
        private static let margin = Interval.seconds(1) + LongRun.margin

        /// A server that has written what it answers, so that limits count on when it is killed. With `everysec` it may
        /// hold writes back while it waits for the disk.
        private static func durable() throws -> RedisServer {
            try RedisServer(.tcp, arguments: ["--appendonly", "yes", "--appendfsync", "no"])
        }

        private func service(_ redis: RedisServer) async throws -> Service {
            try await Service(redis, ["REDIS_TIMEOUT_MS": "\(Self.timeout)", "LOOPS": "2"])
        }

        private func expectSound(_ result: Load.Tally) {
            #expect(result.problems == [])
            #expect(result.closed == 0)
            #expect(result.tokens.count == result.minted)
            #expect(Set(result.remaining).count == result.minted)
            #expect(result.longest < .milliseconds(Self.timeout) + Self.margin)
        }

        @Test("every token is another, and each counts once against the limit")
        func sound() async throws {
            let service = try await service(try RedisServer())
            let load = Load(16, on: service.port, key: service.key)
            try await load.minted(1000)
            let result = await load.finish()
            expectSound(result)
            #expect(result.failed == 0)
            #expect(Set(result.remaining) == Set(Service.limit - result.minted..<Service.limit))
            #expect(try await service.end() == 0)
        }

        @Test("Redis is killed and started again: every request is answered in time, and service is back in a second")
        func killed() async throws {
            let redis = try Self.durable()
            try await survive(redis, fault: { redis.kill() }, end: { try redis.restart() })
        }

        @Test("Redis is started anew in one go: every request is answered in time, and service is back in a second")
        func restarted() async throws {
            let redis = try Self.durable()
            try await survive(redis, fault: nil, end: { try redis.restart() })
        }

        @Test("Redis is stopped and goes on: every request is answered in time, and service is back in a second")
        func stopped() async throws {
            let redis = try RedisServer(.tcp)
            try await survive(redis, fault: { redis.suspend() }, end: { redis.resume() })
        }

        /// Has `fault` happen and end under load, again and again.
        private func survive(_ redis: RedisServer, fault: (() -> Void)?, end: () throws -> Void) async throws {
            let service = try await service(redis)
            let load = Load(16, on: service.port, key: service.key)
            for _ in 0..<Self.rounds {
                try await load.minted(200)
                if let fault {
                    fault()
                    try await load.failed(32)
                }
                try end()
                // It accepts connections now.
                let back = Instant.now
                try await load.minted(200)
                let lastFailure = load.soFar.lastFailure ?? back
                #expect(lastFailure - back < .seconds(1) + Self.margin)
            }
            let result = await load.finish()
            expectSound(result)
            // A request that failed may have counted; none counted twice.
            let used = Service.limit - (result.remaining.min() ?? Service.limit)
            #expect(used <= result.minted + result.failed)
            #expect(try await service.end() == 0)
            let log = service.process.output
            #expect(maxWord(log) < 30)
            if fault != nil { #expect(log.contains(#""cause":"Redis: "#)) }
        }

        /// How many letters and digits the log has in a row: a secret in it would be at least 30.
        private func maxWord(_ log: String) -> Int {
            var longest = 0
            var length = 0
            for byte in log.utf8 {
                length =
                    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                    ? length + 1 : 0
                longest = max(longest, length)
            }
            return longest
        }
    }
}
