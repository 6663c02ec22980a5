import FunctionEventLoop
import FunctionRedis
import Support
import Testing

extension NodesBlackBox {
    @Suite("behind sentinels", .serialized) struct SentinelTests {
        private func deploy(_ servers: SentinelServers, _ settings: [String: String] = [:]) async throws -> Deployment {
            let organization = try await TestOrganization(at: servers.url, credits: Deployment.credits)
            return try await Deployment(servers.url, [organization], settings)
        }

        @Test(
            "if the primary is lost, the new one serves, and no acknowledged use is forgotten",
            arguments: Fault.allCases,
            rounds
        )
        func lost(_ fault: Fault, round: Int) async throws {
            let servers = try await SentinelServers()
            let deployment = try await deploy(servers, ["REDIS_WAIT_REPLICAS": "1"])
            let traffic = Traffic(8, on: deployment)
            try await traffic.serves(0, since: .now)
            let old = try await servers.master()
            fault.begin(old)
            let seen = try await servers.successor(of: old).seen
            try await expectBack(traffic, 0, seen: seen)
            try fault.end(old)
            // A primary that hung first executes what was sent to it.
            await traffic.goOn(.milliseconds(500))
            let before = try await old.evaluations
            await traffic.goOn(.seconds(1))
            // It considers itself the primary until a sentinel corrects it some seconds later.
            try await expect(old.info("role"), is: "master")
            try await expect(old.evaluations, is: before)
            try await traffic.serves(0, since: .now)
            try await expectSettled(traffic, deployment, losesNothing: false)
        }

        @Test(
            "after a failover the functions follow within a second, and no longer write to the old primary",
            arguments: rounds
        )
        func failedOver(round: Int) async throws {
            let servers = try await SentinelServers()
            let deployment = try await deploy(servers)
            let traffic = Traffic(8, on: deployment)
            try await traffic.serves(0, since: .now)
            let old = try await servers.master()
            try await servers.failOver(by: 2)
            let (new, seen) = try await servers.successor(of: old)
            try await eventually("the new primary is written to") { try await new.evaluations > 0 }
            report("followed after \((Instant.now - seen).milliseconds) ms")
            await traffic.goOn(.milliseconds(max(0, 1000 - (Instant.now - seen).milliseconds)))
            // A busy machine may take longer.
            try await eventually("the old one is no longer written to") {
                let before = try await old.evaluations
                await traffic.goOn(.seconds(1))
                return try await old.evaluations == before
            }
            // The sentinels make it a replica only some seconds later.
            try await expect(old.info("role"), is: "master")
            try await traffic.serves(0, since: .now)
            let result = await traffic.finish()
            try await deployment.end()
            // Until the functions learn of the new primary, the old one accepts uses that the new one never sees. Without
            // REDIS_WAIT_REPLICAS no more is promised.
            result.expectSound(forgetsUses: true)
        }

        @Test("nothing is lost if writes are paused during a failover", arguments: rounds)
        func heldUp(round: Int) async throws {
            let servers = try await SentinelServers()
            let deployment = try await deploy(servers)
            let traffic = Traffic(8, on: deployment)
            try await traffic.serves(0, since: .now)
            let old = try await servers.master()
            // Otherwise it accepts writes, which its other replica acknowledges, until the sentinels end the failover.
            try await old.perform("CLIENT", "PAUSE", "3000", "WRITE")
            try await servers.failOver(by: 2)
            let seen = try await servers.successor(of: old).seen
            try await expectBack(traffic, 0, seen: seen)
            try await expectSettled(traffic, deployment, losesNothing: true)
        }
    }
}

extension RedisNode {
    /// How many scripts it has evaluated.
    fileprivate var evaluations: Int {
        get async throws {
            let line = try await info("cmdstat_evalsha")
            return line.firstMatch(of: /calls=(\d+)/).flatMap { Int($0.1) } ?? 0
        }
    }
}
