import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// Against servers that misbehave.
@Suite struct FakeServerTests {
    @Test("commands of one turn arrive in one read")
    func oneWrite() async throws {
        try await withFake({ _, _ in "+OK\r\n" }) { client, server, loop in
            _ = try await client.perform("X")
            let replies = await client.performAtOnce((0..<50).map { _ in RedisCommand("X") }, on: loop)
            #expect(replies == Array(repeating: .success(.status("OK")), count: 50))
            #expect(await server.commandsPerRead[0].contains(50))
        }
    }

    @Test(
        "a malformed reply closes the connection, and the operation is repeated on the next",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "$5\r\nabcdefg\r\n", "*2147483647\r\n", "%1\r\n", ":1\r\n:2\r\n:3\r\n",
        ]
    )
    func nonsense(text: String) async throws {
        try await withFake({ _, connection in connection == 1 ? text : "+fine\r\n" }) { client, server, _ in
            var reply = try await client.perform("X")
            // A valid reply with more bytes behind it counts; those bytes close the connection.
            if reply == .integer(1) { reply = try await client.perform("X") }
            #expect(reply == .status("fine"))
            await expect(server.commandsPerRead.count, is: 2)
        }
    }

    @Test("a command to a server that sends only nonsense fails")
    func onlyNonsense() async throws {
        try await withFake({ _, _ in "nonsense\r\n" }) { client, _, _ in
            let error = await redisError { try await client.perform("X") }
            #expect(error?.mayHaveBeenExecuted == true)
            guard case .malformedReply? = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a server that is not Redis is unavailable, with the reason")
    func noRedis() async throws {
        try await withFake(timeout: .seconds(1), greets: false, { _, _ in "HTTP/1.1 400 Bad Request\r\n\r\n" }) {
            client,
            _,
            _ in
            let error = await redisError { try await client.perform("X") }
            #expect(error?.mayHaveBeenExecuted == false)
            #expect(error?.description.contains("not Redis") == true)
        }
    }

    @Test("half a reply uses up the time of the first try; the second succeeds on a new connection")
    func halfReply() async throws {
        let calls = Lock(0)
        let behaviour: FakeServer.Behaviour = { _, _ in
            let call = calls.withLock { count in
                count += 1
                return count
            }
            return call == 1 ? "$1000\r\nab" : "$2\r\nok\r\n"
        }
        // The first try gets half of it; the second half is generous, for a busy machine.
        try await withFake(timeout: .seconds(8), behaviour) { client, _, _ in
            let reply = try await client.perform("X")
            #expect(reply == .string(Array("ok".utf8)))
        }
    }

    @Test("a command is repeated only once if the server always hangs up")
    func hangsUp() async throws {
        let calls = Lock(0)
        let behaviour: FakeServer.Behaviour = { _, _ in
            calls.withLock { $0 += 1 }
            return nil
        }
        try await withFake(behaviour) { client, _, _ in
            let error = await redisError { try await client.perform("X") }
            #expect(error?.mayHaveBeenExecuted == true)
            #expect(error?.description.contains("closed by the server") == true)
        }
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("an error reply is not repeated")
    func notRepeated() async throws {
        let calls = Lock(0)
        let behaviour: FakeServer.Behaviour = { _, _ in
            calls.withLock { $0 += 1 }
            return "-ERR no\r\n"
        }
        try await withFake(behaviour) { client, _, _ in
            let error = await redisError { try await client.perform("X") }
            #expect(error?.reason == .refused(RedisServerError("ERR no")))
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("after an unsolicited reply, the connection is replaced")
    func unsolicited() async throws {
        try await withFake({ _, connection in ":\(connection)\r\n" }) { client, server, _ in
            try await expect(client.perform("X"), is: .integer(1))
            try await server.send("+surprise\r\n")
            var reply = RedisReply.integer(1)
            while reply == .integer(1) { reply = try await client.perform("X") }
            #expect(reply == .integer(2))
        }
    }

    @Test("a command waits for a server that is loading its data")
    func loading() async throws {
        let pings = Lock(0)
        let behaviour: FakeServer.Behaviour = { command, _ in
            guard command.first == "PING" else { return FakeServer.greet(command) ?? "+fine\r\n" }
            let count = pings.withLock { count in
                count += 1
                return count
            }
            return count < 4 ? "-LOADING Redis is loading the dataset in memory\r\n" : "+PONG\r\n"
        }
        try await withFake(greets: false, behaviour) { client, _, _ in
            let reply = try await client.perform("X")
            #expect(reply == .status("fine"))
        }
    }

    @Test("a script that the server always claims not to know fails")
    func noScript() async throws {
        try await withFake({ _, _ in "-NOSCRIPT No matching script.\r\n" }) { client, _, _ in
            let script = RedisScript(Array("return 1".utf8))
            let error = await redisError { try await client.perform(RedisCommand(evaluating: script, keyCount: 0)) }
            #expect(error?.isMissingScript == true)
        }
    }

    @Test("a server that reads slowly receives everything, piece by piece")
    func slowReader() async throws {
        try await withFake({ command, _ in ":\(command[1].utf8.count)\r\n" }) { client, _, loop in
            let commands = (0..<6).map { number in
                var command = RedisCommand("X")
                command.append([UInt8](repeating: 0x61, count: 1_000_000 + number))
                return command
            }
            let replies = await client.performAtOnce(commands, on: loop)
            #expect(replies == (0..<6).map { .success(.integer(1_000_000 + $0)) })
        }
    }

    @Test("neither a closed client nor lost connections leave a socket behind")
    func descriptors() async throws {
        let port = try await withFake({ _, connection in connection < 20 ? nil : "+OK\r\n" }) { client, server, _ in
            var reply: RedisReply?
            while reply == nil { reply = try? await client.perform("X") }
            let port = await server.port
            #expect(connections(to: port).count == 1)
            await client.close()
            let error = await redisError { try await client.perform("X") }
            #expect(error?.reason == .closed)
            return port
        }
        #expect(connections(to: port) == [])
    }
}
