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
            "the master is lost: the new one serves, and no acknowledged use is forgotten",
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
            // A hung one carries out what was sent to it.
            await traffic.goOn(.milliseconds(500))
            let before = try await old.evaluations
            await traffic.goOn(.seconds(1))
            // It takes itself for a master until a sentinel tells it, some seconds later.
            #expect(try await old.info("role") == "master")
            #expect(try await old.evaluations == before)
            try await traffic.serves(0, since: .now)
            try await expectSettled(traffic, deployment, losesNothing: false)
        }

        @Test(
            "a replica is made the master: it is followed within a second, and the old one is not written to any more",
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
            try await eventually("the new master is written to") { try await new.evaluations > 0 }
            report("followed after \((Instant.now - seen).milliseconds) ms")
            await traffic.goOn(.milliseconds(max(0, 1000 - (Instant.now - seen).milliseconds)))
            // A machine that does other things besides may take longer.
            try await eventually("the old one is not written to any more") {
                let before = try await old.evaluations
                await traffic.goOn(.seconds(1))
                return try await old.evaluations == before
            }
            // The sentinels make it a replica some seconds later only.
            #expect(try await old.info("role") == "master")
            try await traffic.serves(0, since: .now)
            let result = await traffic.finish()
            try await deployment.end()
            // Until the functions hear of the new master, the old one takes uses that the new one never learns of: without
            // REDIS_WAIT_REPLICAS nothing else is promised.
            result.expectSound(forgetsUses: true)
        }

        @Test("writes are held up while a replica is made the master: nothing is lost", arguments: rounds)
        func heldUp(round: Int) async throws {
            let servers = try await SentinelServers()
            let deployment = try await deploy(servers)
            let traffic = Traffic(8, on: deployment)
            try await traffic.serves(0, since: .now)
            let old = try await servers.master()
            // Else it takes writes, and is acknowledged them by its other replica, until the sentinels say that it is over.
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
