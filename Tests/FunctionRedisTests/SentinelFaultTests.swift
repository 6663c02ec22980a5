import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against sentinels and servers that misbehave.
@Suite struct SentinelFaultTests {
    /// A primary that replies `text` to every command.
    private static func master(_ text: String) -> FakeServer.Behaviour {
        { command, _ in FakeSentinels.greet(command) ?? text }
    }

    /// A replica that counts its commands.
    private static func replica(_ asked: Lock<Int> = Lock(0)) -> FakeServer.Behaviour {
        { command, _ in
            if let greeting = FakeSentinels.greet(command, as: "slave") { return greeting }
            asked.withLock { $0 += 1 }
            return "-READONLY You can't write against a read only replica.\r\n"
        }
    }

    @Test("the primary is found by its name and logged")
    func found() async throws {
        try await FakeSentinels.run([.honest], [Self.master("+fine\r\n")]) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
            #expect(fake.hasSaid("/m: the primary is \(fake.servers[0])"))
            #expect(fake.asked.withLock { $0 }.contains(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m"]))
        }
    }

    @Test("a hostname from a sentinel is resolved")
    func hostName() async throws {
        try await FakeSentinels.run([.honest], [Self.master("+fine\r\n")], host: "localhost") { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
    }

    @Test("an IPv6 address from a sentinel is logged in brackets")
    func ipv6() async throws {
        let text = "*2\r\n$3\r\n::1\r\n$1\r\n1\r\n"
        try await FakeSentinels.run([.says(text)], [], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.description.contains("connect: ") == true)
            #expect(fake.hasSaid("the primary is [::1]:1"))
        }
    }

    @Test(
        "a useless sentinel is passed over and logged once",
        arguments: [
            (FakeSentinels.Sentinel.absent, "unavailable (connect: "),
            (.says(""), "no reply in time"),
            (.says(nil), "connection lost"),
            (.says("*-1\r\n"), "knows no such master"),
            (.says("$-1\r\n"), "knows no such master"),
            (.says("-IDONTKNOW\r\n"), "IDONTKNOW"),
            (.says("-ERR unknown command 'SENTINEL'\r\n"), "unknown command"),
            (.says("*2\r\n$9\r\n127.0.0.1\r\n$1\r\n0\r\n"), "its reply is not an address"),
            (.says("*2\r\n$9\r\n127.0.0.1\r\n"), "no reply in time"),
            (.says("+OK\r\n"), "its reply is not an address"),
            (.says("nonsense\r\n"), "not Redis"),
            (.says(":1\r\n:2\r\n:3\r\n"), "its reply is not an address"),
        ]
    )
    func useless(sentinel: FakeSentinels.Sentinel, problem: String) async throws {
        try await FakeSentinels.run([sentinel, .honest], [Self.master("+fine\r\n")]) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
            let said = fake.lines.withLock { $0.filter { $0.contains(problem) } }
            #expect(said.count == 1, "\(fake.lines.withLock { $0 })")
        }
    }

    @Test("if no sentinel knows the primary, the error comes in time with each sentinel's reason")
    func unknownMaster() async throws {
        let sentinels: [FakeSentinels.Sentinel] = [.says("*-1\r\n"), .absent, .says("")]
        try await FakeSentinels.run(sentinels, [], timeout: .seconds(2), path: "/mymaster") { fake in
            let time = await fake.loop.time {
                let error = await fake.failure()
                #expect(error?.mayHaveBeenExecuted == false)
                let text = error?.description ?? ""
                for part in [
                    "no sentinel knows a master called mymaster; 127.0.0.1:", ": knows no such master; 127.",
                ] {
                    #expect(text.contains(part), "\(text)")
                }
                for part in ["connect: ", "no reply in time"] { #expect(text.contains(part), "\(text)") }
            }
            #expect(time < .seconds(4))
        }
    }

    @Test("a new primary is followed even if the connection to the former one is well")
    func move() async throws {
        let master = Lock(0)
        let servers = [Self.master("+first\r\n"), Self.master("+second\r\n")]
        try await FakeSentinels.run([.honest], servers, master: master) { fake in
            let first = try await fake.client.perform("X")
            #expect(first == .status("first"))
            master.withLock { $0 = 1 }
            #expect(await waitUntil { (try? await fake.client.perform("X")) == .status("second") })
            #expect(fake.hasSaid("the primary is now \(fake.servers[1])"))
        }
    }

    @Test("a sentinel that is late to know of a failover is not followed, even if the new primary hangs up")
    func late() async throws {
        let master = Lock(0)
        let calls = Lock(0)
        let hesitant: FakeServer.Behaviour = { command, _ in
            let count = calls.withLock { calls in
                calls += 1
                return calls
            }
            return count <= 5 ? nil : FakeSentinels.greet(command) ?? "+second\r\n"
        }
        try await FakeSentinels.run(
            [.honest, .stubborn(0)],
            [Self.master("+first\r\n"), hesitant],
            master: master
        ) { fake in
            let first = try await fake.client.perform("X")
            #expect(first == .status("first"))
            master.withLock { $0 = 1 }
            #expect(await waitUntil { fake.hasSaid("the primary is now \(fake.servers[1])") })
            #expect(await waitUntil { (try? await fake.client.perform("X")) == .status("second") })
            #expect(!fake.hasSaid("the primary is now \(fake.servers[0])"))
        }
    }

    @Test("the former primary is followed again if more sentinels report it than another")
    func back() async throws {
        let master = Lock(0)
        let servers = [Self.master("+first\r\n"), Self.master("+second\r\n")]
        try await FakeSentinels.run([.honest, .stubborn(1), .honest], servers, master: master) { fake in
            for (index, text) in [(0, "first"), (1, "second"), (0, "first")] {
                master.withLock { $0 = index }
                #expect(await waitUntil { (try? await fake.client.perform("X")) == .status(text) })
            }
        }
    }

    @Test("a server that has become a replica gets no writes; waiting commands go to the primary")
    func replica() async throws {
        let master = Lock(0)
        let written = Lock(0)
        let servers = [Self.replica(written), Self.master("+fine\r\n")]
        try await FakeSentinels.run([.honest], servers, master: master) { fake in
            let waiting = fake.loop.start {
                let reply = try? await fake.client.perform("X")
                #expect(reply == .status("fine"))
            }
            #expect(await waitUntil { fake.hasSaid("\(fake.servers[0]) is a replica") })
            master.withLock { $0 = 1 }
            await waiting.value
            #expect(written.withLock { $0 } == 0)
        }
    }

    @Test("a write that a demoted primary rejects is executed once by the next, within its timeout")
    func demoted() async throws {
        let master = Lock(0)
        let calls = Lock([0, 0])
        let old: FakeServer.Behaviour = { command, _ in
            let isMaster = master.withLock { $0 == 0 }
            if let greeting = FakeSentinels.greet(command, as: isMaster ? "master" : "slave") { return greeting }
            calls.withLock { $0[0] += 1 }
            master.withLock { $0 = 1 }
            return "-READONLY You can't write against a read only replica.\r\n"
        }
        let new: FakeServer.Behaviour = { command, _ in
            FakeSentinels.greet(command)
                ?? calls.withLock { calls in
                    calls[1] += 1
                    return "+fine\r\n"
                }
        }
        try await FakeSentinels.run([.honest], [old, new], master: master) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
        #expect(calls.withLock { $0 } == [1, 1])
    }

    @Test("commands to a primary that hangs go to the next once the sentinels report it")
    func hung() async throws {
        let master = Lock(0)
        let old: FakeServer.Behaviour = { command, _ in
            // From its first command on, it sends nothing at all.
            if master.withLock({ $0 == 0 }), let greeting = FakeSentinels.greet(command) { return greeting }
            master.withLock { $0 = 1 }
            return ""
        }
        try await FakeSentinels.run([.honest], [old, Self.master("+fine\r\n")], master: master) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
    }

    @Test("a sentinel that does not know of a failover does not keep the client from the primary")
    func stale() async throws {
        let servers = [Self.replica(), Self.master("+fine\r\n")]
        try await FakeSentinels.run([.stubborn(0), .stubborn(1)], servers) { fake in
            for _ in 0..<3 {
                let reply = try await fake.client.perform("X")
                #expect(reply == .status("fine"))
            }
        }
    }

    @Test("if sentinels report only replicas, tries are bounded, and the error has the reason")
    func replicasAlone() async throws {
        let connections = Lock(0)
        let replica: FakeServer.Behaviour = { command, _ in
            if command.first == "ROLE" { connections.withLock { $0 += 1 } }
            return FakeSentinels.greet(command, as: "slave") ?? "-READONLY no\r\n"
        }
        let sentinels: [FakeSentinels.Sentinel] = [.stubborn(0), .stubborn(1), .fickle]
        try await FakeSentinels.run(sentinels, [replica, replica], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains("is a replica") == true)
            // About ten rounds a second, with several tries of one server in a round: fewer than in a loop without
            // pauses.
            #expect(connections.withLock { $0 } < 150)
            #expect(fake.asked.withLock { $0.count } < 300)
        }
    }

    @Test("if a primary rejects all writes, tries are bounded, and the error has the reason")
    func liar() async throws {
        let calls = Lock(0)
        let liar: FakeServer.Behaviour = { command, _ in
            if let greeting = FakeSentinels.greet(command) { return greeting }
            calls.withLock { $0 += 1 }
            return "-READONLY You can't write against a read only replica.\r\n"
        }
        try await FakeSentinels.run([.honest], [liar], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains("READONLY") == true)
            #expect(calls.withLock { $0 } < 40)
        }
    }

    @Test(
        "if sentinels report a server that is not Redis, the error has the reason",
        arguments: [("HTTP/1.1 400 Bad Request\r\n\r\n", "not Redis"), ("+OK\r\n", "is not a primary")]
    )
    func noRedis(text: String, cause: String) async throws {
        try await FakeSentinels.run([.honest], [{ _, _ in text }], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains(cause) == true)
        }
    }

    @Test("sentinels have their own password; the URL's user, password and database are for the primary only")
    func credentials() async throws {
        let sent = Lock([[String]]())
        let server: FakeServer.Behaviour = { command, _ in
            sent.withLock { $0.append(command) }
            return FakeSentinels.greet(command) ?? "+fine\r\n"
        }
        let path = "/m/2?sentinel_user=watch&sentinel_password=s%26cret"
        try await FakeSentinels.run([.honest], [server], path: path, credentials: "mint:hunter2@") { fake in
            _ = try await fake.client.perform("X")
            #expect(fake.asked.withLock { $0[0] } == ["AUTH", "watch", "s&cret"])
            #expect(!fake.asked.withLock { $0 }.joined().contains("hunter2"))
            #expect(!fake.asked.withLock { $0 }.joined().contains("SELECT"))
            #expect(sent.withLock { Array($0[..<2]) } == [["AUTH", "mint", "hunter2"], ["SELECT", "2"]])
            #expect(!fake.hasSaid("hunter2") && !fake.hasSaid("cret"))
        }
    }

    @Test("if no sentinel replies, the client stays with the known primary, across reconnects")
    func sentinelsGone() async throws {
        let master = Lock(0)
        let connections = Lock(0)
        let server: FakeServer.Behaviour = { command, connection in
            connections.withLock { $0 = connection }
            return FakeSentinels.greet(command) ?? (command.first == "X" ? "+fine\r\n" : nil)
        }
        try await FakeSentinels.run([.honest, .honest], [server], master: master) { fake in
            _ = try await fake.client.perform("X")
            master.withLock { $0 = -1 }
            _ = try? await fake.client.perform("QUIT")
            #expect(await waitUntil { fake.hasSaid("closed by the server") })
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
        #expect(connections.withLock { $0 } > 1)
    }

    @Test("durable commands follow the primary too")
    func durable() async throws {
        let master = Lock(0)
        let commits = Lock([0, 0])
        let servers = (0..<2).map { index -> FakeServer.Behaviour in
            { command, _ in
                if let greeting = FakeSentinels.greet(command) { return greeting }
                guard command.first == "X" else { return ":1\r\n" }
                commits.withLock { $0[index] += 1 }
                return "+\(index)\r\n"
            }
        }
        try await FakeSentinels.run([.honest], servers, master: master, replicas: 1) { fake in
            let first = try await fake.client.perform(RedisCommand("X"), isDurable: true)
            #expect(first == .status("0"))
            master.withLock { $0 = 1 }
            let isMoved = await waitUntil {
                (try? await fake.client.perform(RedisCommand("X"), isDurable: true)) == .status("1")
            }
            #expect(isMoved)
        }
    }
}
