import FunctionEventLoop
import FunctionRedis
import Support
import Testing

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
            "if a primary is lost, the new one serves its organizations, and no acknowledged use is forgotten",
            arguments: Fault.allCases,
            rounds
        )
        func lost(_ fault: Fault, round: Int) async throws {
            let cluster = try await ClusterServers(replicas: 2)
            let (masters, deployment) = try await deploy(cluster, ["REDIS_WAIT_REPLICAS": "1"])
            let traffic = Traffic(4, on: deployment)
            for index in masters.indices { try await traffic.serves(index, since: .now) }
            fault.begin(masters[0])
            let slot = try await cluster.slot(of: deployment.organizations[0])
            let (_, seen) = try await cluster.successor(of: masters[0], for: slot)
            try await expectBack(traffic, 0, seen: seen)
            try fault.end(masters[0])
            #expect(try await waitUntil { try await cluster.isWhole() })
            try await traffic.serves(0, since: .now)
            try await expectSettled(traffic, deployment, losesNothing: false)
        }

        @Test("in a manual failover nothing fails and nothing is lost", arguments: rounds)
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

        @Test("a use that reaches no replica is refused and undone")
        func unreplicated() async throws {
            let cluster = try await ClusterServers(replicas: 1)
            let (masters, deployment) = try await deploy(cluster, ["REDIS_WAIT_REPLICAS": "1"])
            let replica = try await cluster.replicas(of: masters[0])[0]
            let organization = deployment.organizations[0]
            let token = try await organization.mint()
            replica.server.suspend()
            let refused = try await deployment.open(token)
            #expect(refused.status == 503 && refused.code == "store_unavailable")
            // The other primaries have their replicas.
            try await expect(deployment.open(deployment.organizations[1].mint()).status, is: 200)
            replica.server.resume()
            try await eventually("the token is released", within: .seconds(30)) {
                try await organization.balance == Balance(credits: Deployment.credits)
            }
            try await expect(deployment.open(token).status, is: 200)
            try await deployment.end()
        }

        @Test(
            "while a slot with a thousand tokens moves there and back, every request gets a response in time and is whole",
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
            "while a slot is half moved for longer than the timeout, requests get a response in time, and then succeed",
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
            // Requests for other slots are not affected.
            for index in [1, 2] { #expect(traffic.soFar.lastFailure(of: index) == nil) }
            try await migration.finish()
            try await expectBack(traffic, 0, seen: half)
            try await expectSettled(traffic, deployment, losesNothing: true)
        }

        @Test("nothing fails while a node joins, takes slots, gives them back and leaves", arguments: rounds)
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

        @Test("if a node hangs, requests for the others take no longer than before")
        func hung() async throws {
            var options = ClusterServers.Options()
            // Otherwise the others refuse everything once the node is considered dead.
            options.arguments = ["--cluster-require-full-coverage", "no"]
            let cluster = try await ClusterServers(options)
            let (masters, deployment) = try await deploy(cluster)
            let traffic = Traffic(8, on: deployment, opensStreams: false)
            for index in masters.indices { try await traffic.serves(index, since: .now) }
            var windows: [(start: Instant, hung: Instant, end: Instant)] = []
            for _ in 0..<(LongRun.isOn ? 5 : 1) {
                let start = Instant.now
                await traffic.goOn(.seconds(2))
                masters[0].server.suspend()
                let hung = Instant.now
                await traffic.goOn(.seconds(2))
                windows.append((start, hung, .now))
                masters[0].server.resume()
                try await traffic.serves(0, since: .now)
            }
            let result = await traffic.finish()
            try await deployment.end()
            result.expectSound()
            let before = windows.map { result.p99(from: $0.start, to: $0.hung, of: [1, 2]) }.median
            let during = windows.map { result.p99(from: $0.hung, to: $0.end, of: [1, 2]) }.median
            report("p99 \(before.nanoseconds / 1000) µs before, \(during.nanoseconds / 1000) µs during")
            // A request that waited for the node would take as long as the timeout.
            #expect(during < before + before + .milliseconds(LongRun.isOn ? 2 : 500))
            for index in [1, 2] { #expect(result.lastFailure(of: index) == nil) }
        }
    }
}

extension [Interval] {
    fileprivate var median: Interval { sorted()[count / 2] }
}
