import EventLoop
import Redis
import Support
import Testing

/// All tests of both executables on several servers, one after the other: each has up to nine of them, under load.
@Suite("Both executables on several servers", .serialized)
enum NodesBlackBox {
    /// Each is run anew so many times, from starting the servers on.
    static let rounds = 1...(LongRun.isOn ? 5 : 1)
    /// Within this a new master has to serve, from when its election is visible.
    static let failover = Interval.seconds(2)
    /// What a machine of two cores that is busy with other tests may add.
    static let margin = LongRun.isOn ? Interval.milliseconds(500) : .milliseconds(1500)

    static func report(_ text: String) {
        if LongRun.isOn { print(text) }
    }

    /// Expects that the organization's requests are answered again soon after `seen`, and do not fail later.
    static func expectBack(_ traffic: Traffic, _ organization: Int, seen: Instant) async throws {
        let back = try await traffic.serves(organization, since: seen) - seen
        await traffic.goOn(.seconds(2))
        let lastFailure = traffic.soFar.lastFailure(of: organization).map { $0.start - seen }
        report("back after \(back.milliseconds) ms, last failure began at \(lastFailure?.milliseconds ?? 0) ms")
        #expect(back < failover + margin)
        #expect(lastFailure ?? .seconds(0) < failover + margin)
    }

    /// Expects that all is accounted for once the functions have ended.
    static func expectSettled(_ traffic: Traffic, _ deployment: Deployment, losesNothing: Bool) async throws {
        let result = await traffic.finish()
        try await deployment.end()
        result.expectSound()
        let failed = result.mints.count(where: \.isFailure) + result.streams.count(where: \.isFailure)
        report(
            "\(result.mints.count) mints, \(result.opened.count) streams, \(failed) failed, \(result.vanished) vanished, "
                + "longest \(result.longest(result.mints).milliseconds) and "
                + "\(result.longest(result.streams).milliseconds) ms"
        )
        try await result.expectSettled(deployment.organizations, losesNothing: losesNothing)
    }
}

extension NodesBlackBox {
    @Suite("in a cluster", .serialized) struct ClusterTests {
        private func deploy(
            _ cluster: ClusterServers,
            _ settings: [String: String] = [:]
        ) async throws -> (masters: [RedisNode], Deployment) {
            let masters = try await cluster.masters
            let organizations = try await cluster.organizations(of: masters)
            return (masters, try await Deployment(cluster.url, organizations, settings))
        }

        @Test(
            "a master is killed: its organizations are served again by the new one, and no acknowledged use is lost",
            arguments: rounds
        )
        func killed(round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 2)
            let (masters, deployment) = try await deploy(cluster, ["REDIS_WAIT_REPLICAS": "1"])
            let traffic = Traffic(4, on: deployment)
            for index in masters.indices { try await traffic.serves(index, since: .now) }
            masters[0].server.kill()
            let slot = try await cluster.slot(of: deployment.organizations[0])
            let (_, seen) = try await cluster.successor(of: masters[0], for: slot)
            try await expectBack(traffic, 0, seen: seen)
            try masters[0].server.restart()
            #expect(try await waitUntil { try await cluster.isWhole() })
            try await traffic.serves(0, since: .now)
            try await expectSettled(traffic, deployment, losesNothing: false)
        }

        @Test("a replica takes over in good order: nothing fails and nothing is lost", arguments: rounds)
        func tookOver(round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 1)
            let (masters, deployment) = try await deploy(cluster)
            let traffic = Traffic(4, on: deployment)
            for index in masters.indices { try await traffic.serves(index, since: .now) }
            let replica = try await cluster.replicas(of: masters[0])[0]
            try await replica.perform("CLUSTER", "FAILOVER")
            let slot = try await cluster.slot(of: deployment.organizations[0])
            let (new, seen) = try await cluster.successor(of: masters[0], for: slot)
            #expect(new === replica)
            try await expectBack(traffic, 0, seen: seen)
            #expect(traffic.soFar.lastFailure(of: 0) == nil)
            try await expectSettled(traffic, deployment, losesNothing: true)
        }

        @Test("without a replica that has it no token is spent, and its credit comes back")
        func unreplicated() async throws {
            let cluster = try await ClusterServers(replicas: 1)
            let (masters, deployment) = try await deploy(cluster, ["REDIS_WAIT_REPLICAS": "1"])
            let replica = try await cluster.replicas(of: masters[0])[0]
            let organization = deployment.organizations[0]
            let token = try await organization.mint()
            replica.server.suspend()
            let refused = try await deployment.open(token)
            #expect(refused.status == 503 && refused.code == "store_unavailable")
            // The others' have theirs.
            #expect(try await deployment.open(deployment.organizations[1].mint()).status == 200)
            replica.server.resume()
            try await eventually("the token is given back", within: .seconds(30)) {
                try await organization.balance == Balance(credits: Deployment.credits)
            }
            #expect(try await deployment.open(token).status == 200)
            try await deployment.end()
        }

        @Test(
            "a slot of a thousand tokens is moved there and back: every request is answered in time, and none half done",
            arguments: rounds
        )
        func migrated(round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 0)
            let (masters, deployment) = try await deploy(cluster)
            let organization = deployment.organizations[0]
            var tokens: [String] = []
            for _ in 0..<1000 { tokens.append(try await organization.mint()) }
            let slot = try await cluster.slot(of: organization)
            let traffic = Traffic(4, on: deployment)
            for target in [masters[1], masters[0]] {
                let migration = try await SlotMigration(of: slot, to: target, in: cluster)
                for _ in 0..<5 {
                    try await migration.move(200)
                    await traffic.goOn(.milliseconds(50))
                }
                try await migration.finish()
                #expect(try await cluster.master(of: slot) === target)
                try await traffic.serves(0, since: .now)
            }
            try await expectSettled(traffic, deployment, losesNothing: true)
            for token in tokens { #expect(try await organization.isLive(token)) }
        }

        @Test(
            "a slot stays half moved for longer than requests may take: they are answered in time, and it goes on",
            arguments: rounds
        )
        func halfMoved(round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 0)
            let (masters, deployment) = try await deploy(cluster)
            let organization = deployment.organizations[0]
            for _ in 0..<100 { _ = try await organization.mint() }
            let slot = try await cluster.slot(of: organization)
            let traffic = Traffic(4, on: deployment)
            try await traffic.serves(0, since: .now)
            let migration = try await SlotMigration(of: slot, to: masters[1], in: cluster)
            try await migration.move(50)
            await traffic.goOn(.seconds(2))
            let half = Instant.now
            // What is of other slots has not noticed.
            for index in [1, 2] { #expect(traffic.soFar.lastFailure(of: index) == nil) }
            try await migration.finish()
            try await expectBack(traffic, 0, seen: half)
            try await expectSettled(traffic, deployment, losesNothing: true)
        }

        @Test("a node joins, takes slots, gives them back and goes: nothing fails", arguments: rounds)
        func resharded(round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 0)
            let (masters, deployment) = try await deploy(cluster)
            let traffic = Traffic(4, on: deployment)
            let node = try await cluster.add()
            var slots: [Int] = []
            for organization in deployment.organizations { slots.append(try await cluster.slot(of: organization)) }
            for slot in slots { try await cluster.migrate(slot, to: node) }
            for index in slots.indices { try await traffic.serves(index, since: .now) }
            for (slot, master) in zip(slots, masters) { try await cluster.migrate(slot, to: master) }
            try await cluster.remove(node)
            for index in slots.indices { try await traffic.serves(index, since: .now) }
            try await expectSettled(traffic, deployment, losesNothing: true)
        }

        @Test("a node hangs: the others' requests take no longer than before", arguments: rounds)
        func hung(round: Int) async throws {
            var options = ClusterServers.Options()
            // Else the others refuse everything once the node is taken for dead.
            options.arguments = ["--cluster-require-full-coverage", "no"]
            let cluster = try await ClusterServers(options)
            let (masters, deployment) = try await deploy(cluster)
            let traffic = Traffic(8, on: deployment, spends: false)
            for index in masters.indices { try await traffic.serves(index, since: .now) }
            let length = Interval.seconds(LongRun.isOn ? 10 : 3)
            let start = Instant.now
            await traffic.goOn(length)
            masters[0].server.suspend()
            let hung = Instant.now
            await traffic.goOn(length)
            let end = Instant.now
            masters[0].server.resume()
            try await traffic.serves(0, since: .now)
            let result = await traffic.finish()
            try await deployment.end()
            result.expectSound()
            let before = result.p99(from: start, to: hung, of: [1, 2])
            let during = result.p99(from: hung, to: end, of: [1, 2])
            report("p99 \(before.nanoseconds / 1000) µs before, \(during.nanoseconds / 1000) µs during")
            #expect(during < before + before + .milliseconds(LongRun.isOn ? 2 : 50))
            for index in [1, 2] { #expect(result.lastFailure(of: index) == nil) }
        }
    }

    @Suite("behind sentinels", .serialized) struct SentinelTests {
        private func deploy(_ servers: SentinelServers, _ settings: [String: String] = [:]) async throws -> Deployment {
            let organization = try await TestOrganization(at: servers.url, credits: Deployment.credits)
            return try await Deployment(servers.url, [organization], settings)
        }

        @Test("the master is killed: the new one serves, and no acknowledged use is lost", arguments: rounds)
        func killed(round: Int) async throws {
            let servers = try await SentinelServers()
            let deployment = try await deploy(servers, ["REDIS_WAIT_REPLICAS": "1"])
            let traffic = Traffic(8, on: deployment)
            try await traffic.serves(0, since: .now)
            let old = try await servers.master()
            old.server.kill()
            let seen = try await servers.successor(of: old).seen
            try await expectBack(traffic, 0, seen: seen)
            // Where it comes back as a master, and empty, until a sentinel tells it.
            try old.server.restart()
            await traffic.goOn(.seconds(1))
            try await traffic.serves(0, since: .now)
            #expect(try await old.evaluations == 0)
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
            try await servers.failOver()
            let (new, seen) = try await servers.successor(of: old)
            try await eventually("the new master is written to") { try await new.evaluations > 0 }
            report("followed after \((Instant.now - seen).milliseconds) ms")
            await traffic.goOn(.milliseconds(max(0, 1000 - (Instant.now - seen).milliseconds)))
            // The sentinels make it a replica some seconds later only.
            #expect(try await old.info("role") == "master")
            let before = try await old.evaluations
            await traffic.goOn(.seconds(2))
            #expect(try await old.evaluations == before)
            try await traffic.serves(0, since: .now)
            let result = await traffic.finish()
            try await deployment.end()
            result.expectSound()
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
