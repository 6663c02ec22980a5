import FunctionEventLoop
import FunctionRedis
import Glibc
import StreamTokens
import Support
import Testing

extension StreamBlackBox {
    /// These tests take minutes with LONG=1.
    @Suite("in a race", .serialized) struct RaceTests {
        private static let isLong = LongRun.isOn
        private static let clients = isLong ? 200 : 20
        private static let tokens = isLong ? 1000 : 30
        private static let kills = isLong ? 40 : 2

        @Test(
            "no token opens two streams and every stream costs one credit, even if function and Redis are killed meanwhile"
        )
        func kills() async throws {
            let redis = try RedisServer(.tcp, arguments: ["--appendonly", "yes", "--appendfsync", "always"])
            let credits = 2 * Self.tokens
            let organization = try await TestOrganization(redis, credits: credits)
            var tokens: [String] = []
            for _ in 0..<Self.tokens { tokens.append(try await organization.mint()) }
            let port = try FreePort.find()
            // The shortest lease, 6 s. A client whose token was reserved when the function was killed has to wait for its
            // end.
            let more = ["PORT": "\(port)", "REDIS_TIMEOUT_MS": "300", "WORKFLOW_FIRST_BYTE_SECONDS": "1"]
            let settings = Service.environment(redis, more)
            var process = try FunctionProcess(.stream, settings)
            _ = try await process.port()

            let race = StreamRace(Self.clients, for: tokens, on: port)
            for kill in 1...Self.kills where !race.isOver {
                try await race.opened(Self.tokens / (Self.kills + 1))
                if kill.isMultiple(of: 2) {
                    redis.kill()
                    try await race.failed()
                    try redis.restart()
                    // The function must release attempts of unknown outcome before it is killed the next time.
                    if kill < Self.kills { await settled() }
                } else {
                    try await process.kill()
                    process = try FunctionProcess(.stream, settings)
                    _ = try await process.port()
                }
            }
            let result = await race.finish()
            #expect(result.problems == [])
            #expect(result.opened.values.allSatisfy { $0 == 1 })
            #expect(result.broken <= Self.clients * Self.kills)

            // At its end the function releases the last attempts of unknown outcome.
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
            try await expect(organization.balance.held, is: 0)
            let left = try await tokens.asyncFilter { try await organization.isLive($0) }
            let used = try await tokens.asyncFilter { try await organization.isUsed($0) }
            #expect(Set(left).union(used).count == tokens.count)
            #expect(left.allSatisfy { result.opened[$0] == nil })
            if Self.isLong { print("\(result.opened.count) opened, \(left.count) released, \(result.refused)") }
            let lost = used.filter { result.opened[$0] == nil }
            #expect(lost.count <= result.broken)
            try await expect(organization.balance.credits, is: credits - used.count)

            // A client may have got 401 while its token was reserved. The token can still be used.
            process = try FunctionProcess(.stream, settings)
            _ = try await process.port()
            let again = await StreamRace(1, for: left, on: port).finish()
            #expect(again.opened.count == left.count)
            try await expect(organization.balance.credits, is: credits - used.count - left.count)
            process.signal(SIGTERM)
            try await expect(process.exitCode(), is: 0)
        }

        /// Waits until attempts of unknown outcome are released, which takes two rounds, one a second.
        private func settled() async {
            await testLoop.start { await testLoop.sleep(until: .now + .milliseconds(2500)) }.value
        }

        @Test("of a hundred tokens on one credit, one opens its stream, and the others are refused and stay live")
        func oneCredit() async throws {
            let service = try await StreamService(try RedisServer(), credits: 1)
            var tokens: [String] = []
            for _ in 0..<100 { tokens.append(try await service.organization.mint()) }
            let responses = try await withThrowingTaskGroup(of: ReceivedResponse.self) { group in
                for token in tokens { group.addTask { try await service.open(token) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(responses.count { $0.status == 200 } == 1)
            #expect(responses.count { $0.status == 402 && $0.code == "invalid_billing" } == 99)
            try await expect(service.organization.balance, is: Balance(credits: 0))
            let live = try await tokens.asyncFilter { try await service.organization.isLive($0) }
            #expect(live.count == 99)
            try await expect(service.end(), is: 0)
        }
    }
}

extension Array {
    /// The elements that match, checked one after the other.
    fileprivate func asyncFilter(_ matches: (Element) async throws -> Bool) async rethrows -> [Element] {
        var matching: [Element] = []
        for element in self where try await matches(element) { matching.append(element) }
        return matching
    }
}
