import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against sentinels and servers that misbehave.
@Suite struct SentinelFaultTests {
    /// A master that answers `text` to all that it is asked.
    private static func master(_ text: String) -> FakeServer.Behaviour {
        { command, _ in FakeSentinels.greet(command) ?? text }
    }

    /// A replica that counts what it is asked.
    private static func replica(_ asked: Lock<Int> = Lock(0)) -> FakeServer.Behaviour {
        { command, _ in
            if let greeting = FakeSentinels.greet(command, as: "slave") { return greeting }
            asked.withLock { $0 += 1 }
            return "-READONLY You can't write against a read only replica.\r\n"
        }
    }

    @Test("the master is found by its name and told to the operator")
    func found() async throws {
        try await FakeSentinels.run([.honest], [Self.master("+fine\r\n")]) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
            #expect(fake.hasSaid("/m: the primary is \(fake.servers[0])"))
            #expect(fake.asked.withLock { $0 }.contains(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m"]))
        }
    }

    @Test("a host name that sentinels tell is resolved")
    func hostName() async throws {
        try await FakeSentinels.run([.honest], [Self.master("+fine\r\n")], host: "localhost") { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
    }

    @Test("an IPv6 address that sentinels tell stands in brackets for the operator")
    func ipv6() async throws {
        let text = "*2\r\n$3\r\n::1\r\n$1\r\n1\r\n"
        try await FakeSentinels.run([.says(text)], [], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.description.contains("connect: ") == true)
            #expect(fake.hasSaid("the primary is [::1]:1"))
        }
    }

    @Test(
        "a sentinel that is of no use is passed over, and told to the operator once",
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
    func useless(sentinel: FakeSentinels.Sentinel, complaint: String) async throws {
        try await FakeSentinels.run([sentinel, .honest], [Self.master("+fine\r\n")]) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
            let said = fake.lines.withLock { $0.filter { $0.contains(complaint) } }
            #expect(said.count == 1, "\(fake.lines.withLock { $0 })")
        }
    }

    @Test("a master that no sentinel knows is told in time, with what each of them says")
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

    @Test("what a sentinel tells is followed though the connection to the master before is well")
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

    @Test("a sentinel that has not heard of the failover yet is not followed back, though the new master hangs up")
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

    @Test("the master before is followed again if more sentinels tell of it than of another")
    func back() async throws {
        let master = Lock(0)
        let servers = [Self.master("+first\r\n"), Self.master("+second\r\n")]
        try await FakeSentinels.run([.honest, .stubborn(1), .honest], servers, master: master) { fake in
            for (index, answer) in [(0, "first"), (1, "second"), (0, "first")] {
                master.withLock { $0 = index }
                #expect(await waitUntil { (try? await fake.client.perform("X")) == .status(answer) })
            }
        }
    }

    @Test("a server that has become a replica is not written to; what waits goes to the master")
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

    @Test("what a demoted master refuses goes to the next within the operation's time, and is executed once")
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

    @Test("commands of a master that hangs go to the next once the sentinels tell of it")
    func hung() async throws {
        let master = Lock(0)
        let old: FakeServer.Behaviour = { command, _ in
            // From its first command on it answers nothing at all.
            if master.withLock({ $0 == 0 }), let greeting = FakeSentinels.greet(command) { return greeting }
            master.withLock { $0 = 1 }
            return ""
        }
        try await FakeSentinels.run([.honest], [old, Self.master("+fine\r\n")], master: master) { fake in
            let reply = try await fake.client.perform("X")
            #expect(reply == .status("fine"))
        }
    }

    @Test("a sentinel that has not learned of a failover does not keep the client from the master")
    func stale() async throws {
        let servers = [Self.replica(), Self.master("+fine\r\n")]
        try await FakeSentinels.run([.stubborn(0), .stubborn(1)], servers) { fake in
            for _ in 0..<3 {
                let reply = try await fake.client.perform("X")
                #expect(reply == .status("fine"))
            }
        }
    }

    @Test("sentinels that know nothing but replicas, one after the other: bounded tries, and the error says why")
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
            // Some ten rounds a second, and what one place is tried again in a round: less than in a loop without
            // pause.
            #expect(connections.withLock { $0 } < 150)
            #expect(fake.asked.withLock { $0.count } < 300)
        }
    }

    @Test("a server that says master and lets nobody write: bounded tries, and the error says why")
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
        "what sentinels tell of and is no Redis is told with the reason",
        arguments: [("HTTP/1.1 400 Bad Request\r\n\r\n", "not Redis"), ("+OK\r\n", "is not a primary")]
    )
    func noRedis(text: String, cause: String) async throws {
        try await FakeSentinels.run([.honest], [{ _, _ in text }], timeout: .seconds(2)) { fake in
            let error = await fake.failure()
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains(cause) == true)
        }
    }

    @Test("sentinels have a password of their own; user, password and database of the URL are the master's alone")
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

    @Test("without a sentinel that answers, the client goes on with the master that it knows, across reconnections")
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

    @Test("answers that wait for replicas follow the master too")
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
