import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against clusters that misbehave.
@Suite struct ClusterFaultTests {
    private func expectReply(
        _ expected: RedisReply,
        of client: RedisClient,
        at key: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let reply = try await client.perform("GET", key)
        #expect(reply == expected, sourceLocation: sourceLocation)
    }

    @Test("after a redirection, commands go straight to the slot's new server")
    func moved() async throws {
        try await FakeCluster.run(
            2,
            as: { server, command, cluster in
                // The first server claims all slots until the second was asked.
                if command.first == "CLUSTER" { return cluster.slots(of: cluster.count("GET", at: 1) > 0 ? 1 : 0) }
                return server == 0 ? cluster.redirection("MOVED", to: 1) : "+there\r\n"
            }
        ) { client, cluster, _ in
            for _ in 0..<5 { try await expectReply(.status("there"), of: client, at: "foo") }
            // Twice, if the slot table came from the first server before it knew of the move.
            #expect((1...2).contains(cluster.count("GET", at: 0)))
            #expect(cluster.count("GET", at: 1) == 5)
        }
    }

    @Test("a command for a migrating slot is sent once with ASKING, and the slot keeps its owner")
    func ask() async throws {
        let last = Lock<[String]>([])
        try await FakeCluster.run(
            2,
            as: { server, command, cluster in
                if command.first == "CLUSTER" { return cluster.slots(of: 0) }
                guard server == 1 else { return cluster.redirection("ASK", to: 1) }
                return last.withLock { commands in
                    defer { commands.append(command[0]) }
                    if command == ["ASKING"] { return "+OK\r\n" }
                    return commands.last == "ASKING" ? "+there\r\n" : cluster.redirection("MOVED", to: 0)
                }
            }
        ) { client, cluster, _ in
            for _ in 0..<3 { try await expectReply(.status("there"), of: client, at: "foo") }
            #expect(cluster.count("GET", at: 0) == 3)
            #expect(cluster.count("ASKING", at: 1) == 3)
        }
    }

    @Test("a script is sent behind ASKING too, as text to a server that does not know it")
    func askingScript() async throws {
        let script = RedisScript(Array("return 1".utf8))
        try await FakeCluster.run(
            2,
            as: { server, command, cluster in
                switch command[0] {
                case "CLUSTER": return cluster.slots(of: 0)
                case "SCRIPT": return "$40\r\n\(String(repeating: "a", count: 40))\r\n"
                case "ASKING": return "+OK\r\n"
                case "EVALSHA" where server == 1: return "-NOSCRIPT No matching script\r\n"
                default: return server == 1 ? ":1\r\n" : cluster.redirection("ASK", to: 1)
                }
            }
        ) { client, cluster, _ in
            var command = RedisCommand(evaluating: script, keyCount: 1)
            command.append("foo")
            for _ in 0..<3 { let reply = try await client.perform(command); #expect(reply == .integer(1)) }
            // Each was executed as text, some after a try by digest, and always behind ASKING.
            #expect(cluster.count("EVAL", at: 1) == 3)
            #expect(cluster.count("ASKING", at: 1) == 3 + cluster.count("EVALSHA", at: 1))
        }
    }

    @Test("a command that servers redirect back and forth fails", arguments: ["MOVED", "ASK"])
    func backAndForth(code: String) async throws {
        try await FakeCluster.run(
            2,
            as: { server, command, cluster in
                switch command[0] {
                case "CLUSTER": cluster.slots(of: 0)
                case "ASKING": "+OK\r\n"
                default: cluster.redirection(code, to: 1 - server)
                }
            }
        ) { client, cluster, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains("from server to server") == true)
            let tries = cluster.count("GET", at: 0) + cluster.count("GET", at: 1)
            #expect(tries == ClusterOperation.maxRedirections + 1)
        }
    }

    @Test("a command for a slot that migrates to a missing server is retried until the deadline")
    func askDead() async throws {
        try await FakeCluster.run(
            1,
            timeout: .seconds(1),
            as: { _, command, cluster in
                command[0] == "CLUSTER" ? cluster.slots(of: 0) : "-ASK 12182 127.0.0.1:1\r\n"
            }
        ) { client, _, _ in
            // A command in flight to the first server at the deadline may have been executed, as far as the client
            // knows.
            var error: RedisError?
            let isTold = await waitUntil {
                error = await redisError { try await client.perform("GET", "foo") }
                guard case .unavailable? = error?.reason else { return false }
                return error?.mayHaveBeenExecuted == false
            }
            #expect(isTold, "\(String(describing: error))")
        }
    }

    @Test("a command whose slot has no server fails at the deadline, and succeeds once it has one")
    func unserved() async throws {
        let isServed = Lock(false)
        try await FakeCluster.run(
            1,
            timeout: .seconds(1),
            as: { _, command, cluster in
                guard command[0] == "CLUSTER" else { return "+there\r\n" }
                guard !isServed.withLock({ $0 }) else { return cluster.slots(of: 0) }
                return "*1\r\n*3\r\n:0\r\n:9\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(cluster.port(0))\r\n$2\r\nid\r\n"
            }
        ) { client, _, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.description.contains("no server of the cluster has slot 12182") == true)
            #expect(error?.mayHaveBeenExecuted == false)
            isServed.withLock { $0 = true }
            let isThere = await waitUntil { (try? await client.perform("GET", "foo")) == .status("there") }
            #expect(isThere)
        }
    }

    @Test(
        "an invalid slot table is an error, and no command is sent",
        arguments: [
            "*0\r\n", "+OK\r\n", "$-1\r\n", "*1\r\n:1\r\n", "*1\r\n*3\r\n:0\r\n:99999\r\n*2\r\n$1\r\nh\r\n:1\r\n",
        ]
    )
    func noTopology(reply: String) async throws {
        try await FakeCluster.run(
            1,
            timeout: .seconds(1),
            as: { _, command, _ in
                command[0] == "CLUSTER" ? reply : "+there\r\n"
            }
        ) { client, cluster, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.description.contains("reports no slots") == true)
            #expect(cluster.count("GET", at: 0) == 0)
        }
    }

    @Test("for a server outside a cluster, the error says what to write instead")
    func noCluster() async throws {
        let said = Lock<[String]>([])
        try await FakeCluster.run(
            1,
            timeout: .seconds(1),
            log: { line in said.withLock { $0.append(line) } },
            as: {
                _,
                _,
                _ in
                "-ERR This instance has cluster support disabled\r\n"
            }
        ) { client, _, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.description.contains("write redis:// instead of redis+cluster://") == true)
        }
        #expect(said.withLock { $0.count } == 1)
    }

    @Test("for a single server that belongs to a cluster, the error says what to write instead")
    func clusterAsOne() async throws {
        try await withFake({ _, _ in "-MOVED 12182 127.0.0.1:1\r\n" }) { client, _, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.description.contains("write redis+cluster:// instead of redis://") == true)
            #expect(error?.mayHaveBeenExecuted == false)
        }
    }

    @Test("a login that the cluster refuses fails commands at once")
    func refusedLogin() async throws {
        try await withLoop { loop in
            let server = FakeServer(on: loop) { command, _ in
                command.first == "AUTH" ? "-WRONGPASS invalid username-password pair\r\n" : "+OK\r\n"
            }
            let url = try await server.start()
            let client = RedisClient(
                RedisURL(.cluster, url.endpoints, password: "hunter2"),
                on: loop,
                timeout: .seconds(60)
            )
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.description.contains("WRONGPASS") == true)
            await client.close()
            await server.stop()
        }
    }

    @Test("a lost command is sent once more, and never a third time")
    func lost() async throws {
        try await FakeCluster.run(
            1,
            as: { _, command, cluster in
                command[0] == "CLUSTER" ? cluster.slots(of: 0) : nil
            }
        ) { client, cluster, _ in
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.mayHaveBeenExecuted == true)
            #expect(cluster.count("GET", at: 0) == 2)
        }
    }

    @Test("a malformed or unsolicited reply costs only its connection")
    func nonsense() async throws {
        let replies = Lock(["$5\r\nabcdefg\r\n", "+one\r\n+two\r\n", "-MOVED nonsense\r\n"])
        try await FakeCluster.run(
            1,
            as: { _, command, cluster in
                if command[0] == "CLUSTER" { return cluster.slots(of: 0) }
                return replies.withLock { $0.isEmpty ? "+fine\r\n" : $0.removeFirst() }
            }
        ) { client, _, _ in
            try await expectReply(.status("one"), of: client, at: "foo")
            let error = await redisError { try await client.perform("GET", "foo") }
            #expect(error?.reason == .refused(RedisServerError("MOVED nonsense")))
            try await expectReply(.status("fine"), of: client, at: "foo")
        }
    }

    @Test("a thousand commands redirected at once refresh the slot table only a few times")
    func noStampede() async throws {
        let hasMoved = Lock(false)
        try await FakeCluster.run(
            2,
            as: { server, command, cluster in
                let owner = hasMoved.withLock { $0 ? 1 : 0 }
                if command[0] == "CLUSTER" { return cluster.slots(of: owner) }
                return server == owner ? "+there\r\n" : cluster.redirection("MOVED", to: owner)
            }
        ) { client, cluster, loop in
            try await expectReply(.status("there"), of: client, at: "foo")
            hasMoved.withLock { $0 = true }
            let before = cluster.count("CLUSTER", at: 0) + cluster.count("CLUSTER", at: 1)
            let get = RedisCommand("GET", "foo")
            let replies = await client.performAtOnce(Array(repeating: get, count: 1000), on: loop)
            #expect(replies.allSatisfy { $0 == .success(.status("there")) })
            let asked = cluster.count("CLUSTER", at: 0) + cluster.count("CLUSTER", at: 1) - before
            #expect(asked <= 10, "\(asked)")
        }
    }

    @Test("a durable command waits for the replicas of its slot's server", arguments: [1, 0])
    func durable(replicas: Int) async throws {
        try await FakeCluster.run(
            2,
            replicas: 1,
            as: { server, command, cluster in
                switch command[0] {
                case "CLUSTER": cluster.slots(of: 1)
                case "WAIT": ":\(replicas)\r\n"
                default: "+there\r\n"
                }
            }
        ) { client, cluster, _ in
            try await expectReply(.status("there"), of: client, at: "foo")
            #expect(cluster.count("WAIT", at: 1) == 0)
            let get = RedisCommand("GET", "foo")
            do {
                let reply = try await client.perform(get, isDurable: true)
                #expect(reply == .status("there") && replicas == 1)
            } catch let error as RedisError {
                #expect(error.reason == .notReplicated(0, of: 1) && replicas == 0)
                #expect(error.mayHaveBeenExecuted)
            }
            #expect(cluster.count("WAIT", at: 1) == 1)
            #expect(cluster.count("WAIT", at: 0) == 0)
        }
    }

    @Test("a server that hangs delays only its own commands")
    func hung() async throws {
        try await FakeCluster.run(
            2,
            timeout: .seconds(2),
            as: { server, command, cluster in
                let half = { (server: Int, first: Int, last: Int) in
                    "*3\r\n:\(first)\r\n:\(last)\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(cluster.port(server))\r\n$2\r\nid\r\n"
                }
                if command[0] == "CLUSTER" { return "*2\r\n" + half(0, 0, 8191) + half(1, 8192, 16_383) }
                return server == 0 ? "+there\r\n" : "$1000\r\nab"
            }
        ) { client, _, _ in
            // foo is the second server's, bar (5061) the first's.
            async let lost = redisError { try await client.perform("GET", "foo") }
            for _ in 0..<20 { try await expectReply(.status("there"), of: client, at: "bar") }
            let hung = await lost
            #expect(hung?.mayHaveBeenExecuted == true)
        }
    }
}
