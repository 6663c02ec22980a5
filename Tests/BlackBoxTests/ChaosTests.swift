import FunctionEventLoop
import FunctionRedis
import Support
import Testing

extension BlackBox {
    /// These tests take minutes with LONG=1.
    @Suite("under load") struct ChaosTests {
        private static let rounds = LongRun.isOn ? 60 : 2
        /// In milliseconds.
        private static let timeout = 300
        /// How much longer anything may take on a machine of two cores that this test keeps busy.
        private static let margin = Interval.seconds(1) + LongRun.margin

        /// A server that writes before it replies, so that its counts survive a kill. With `everysec` it may delay writes
        /// while it waits for the disk.
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

        @Test("all tokens are different, and each counts once against the limit")
        func sound() async throws {
            let service = try await service(try RedisServer())
            let load = Load(16, on: service.port, key: service.key)
            try await load.minted(1000)
            let result = await load.finish()
            expectSound(result)
            #expect(result.failed == 0)
            #expect(Set(result.remaining) == Set(Service.limit - result.minted..<Service.limit))
            try await expect(service.end(), is: 0)
        }

        @Test("if Redis is killed and restarted, every request gets a response in time, and mints work within a second")
        func killed() async throws {
            let redis = try Self.durable()
            try await survive(redis, fault: { redis.kill() }, end: { try redis.restart() })
        }

        @Test("if Redis restarts at once, every request gets a response in time, and mints work within a second")
        func restarted() async throws {
            let redis = try Self.durable()
            try await survive(redis, fault: nil, end: { try redis.restart() })
        }

        @Test("if Redis is stopped and resumes, every request gets a response in time, and mints work within a second")
        func stopped() async throws {
            let redis = try RedisServer(.tcp)
            try await survive(redis, fault: { redis.suspend() }, end: { redis.resume() })
        }

        /// Causes and ends the fault under load, several times.
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
                // Redis accepts connections from here on.
                let back = Instant.now
                try await load.minted(200)
                let lastFailure = load.soFar.lastFailure ?? back
                #expect(lastFailure - back < .seconds(1) + Self.margin)
            }
            let result = await load.finish()
            expectSound(result)
            // A failed request may have counted, but none counted twice.
            let used = Service.limit - (result.remaining.min() ?? Service.limit)
            #expect(used <= result.minted + result.failed)
            try await expect(service.end(), is: 0)
            let log = service.process.output
            #expect(maxWord(log) < 30)
            if fault != nil { #expect(log.contains(#""cause":"Redis: "#)) }
        }

        /// The length of the log's longest run of letters and digits. A secret would have at least 30.
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
