import FunctionEventLoop
import Support
import Testing

@testable import FunctionRedis

/// The server of a `redis://` URL changes, or was never the right one.
@Suite struct ServerChangeTests {
    private typealias State = ConnectionState<Int>

    private static let url = RedisURL(.tcp(host: "10.0.0.1", port: 6379))

    private func ready() -> State {
        var state = State(Self.url)
        state.becomeConnected()
        _ = state.write()
        return state
    }

    @Test(
        "a single server that has become a replica or has lost its primary is left, and the next is asked for its role",
        arguments: ["READONLY no", "MASTERDOWN no", "ERR script: -READONLY no"]
    )
    func demoted(text: String) {
        var state = ready()
        _ = state.submit(1)
        guard case .demoted([1], let error) = state.received(.error(RedisServerError(text))) else {
            Issue.record("the connection stays open")
            return
        }
        #expect(RedisError(error).isDemotion)
        #expect(state.disconnected(.unavailable(text), random: 0).delay == .milliseconds(10))
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        #expect(state.write() == ["CLIENT", "INFO", "ROLE", "PING"])
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        #expect(state.received(.role("slave")).closeReason == .unavailable("10.0.0.1:6379 is a replica"))
    }

    @Test(
        "a single server is used if ROLE is forbidden or returns another role",
        arguments: [
            RedisReply.error(RedisServerError("NOPERM no")), .error(RedisServerError("ERR unknown command 'ROLE'")),
            .role("active-replica"), .null, .role("master"),
        ]
    )
    func noRole(reply: RedisReply) {
        var state = ready()
        state.isSuspect = true
        _ = state.disconnected(.unavailable("x"), random: 0)
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        #expect(state.received(reply).isNothing)
        #expect(state.received(.status("PONG")).isReady)
        #expect(state.isSuspect == (reply != .role("master")))
    }

    @Test("a server that accepts reads but no writes is retried ever more rarely")
    func readsOnly() {
        var state = ready()
        let delays = (0..<4).map { _ in
            for waiter in 1...2 { _ = state.submit(waiter) }
            _ = state.received(.error(RedisServerError("READONLY no")))
            let delay = state.disconnected(.unavailable("READONLY no"), random: 0, sinceBoot: State.at(0)).delay
            state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
            for reply in [RedisReply.status("OK"), .null, .error(RedisServerError("NOPERM no")), .status("PONG")] {
                _ = state.received(reply)
            }
            _ = state.submit(3)
            _ = state.received(.string([]))
            _ = state.write()
            return delay.milliseconds
        }
        #expect(delays == [10, 20, 40, 80])
    }

    @Test("too few replicas do not close the connection")
    func tooFewReplicas() {
        var state = ready()
        _ = state.submit(1)
        guard case .reply(1, .failure(let error)) = state.received(.error(RedisServerError("NOREPLICAS no"))) else {
            Issue.record("the connection is closed")
            return
        }
        #expect(!error.isDemotion)
    }

    @Test("connections that end right after the login count as failures, until one has served or lasted a second")
    func drops() {
        var state = State(Self.url)
        func dropAfter(_ milliseconds: Int, serving: Bool = false) -> Int {
            state.becomeConnected()
            _ = state.write()
            if serving {
                _ = state.submit(1)
                _ = state.received(.null)
            }
            return Int(
                state.disconnected(.connectionLost("x"), random: 0, sinceBoot: State.at(milliseconds)).delay
                    .milliseconds
            )
        }
        #expect((0..<8).map { _ in dropAfter(999) } == [10, 20, 40, 80, 160, 320, 500, 500])
        #expect(dropAfter(1000) == 0)
        #expect(dropAfter(0) == 10)
        #expect(dropAfter(0, serving: true) == 0)
    }

    @Test("an error before the server hangs up is the cause, if it was all that the server sent")
    func firstWords() {
        var state = State(Self.url)
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        #expect(state.received(.error(RedisServerError("ERR go away"))).isNothing)
        #expect(state.cause(of: .connectionLost("closed")) == .unavailable("ERR go away"))
        _ = state.received(.null)
        #expect(state.cause(of: .connectionLost("closed")) == .connectionLost("closed"))
        _ = state.disconnected(.connectionLost("closed"), random: 0)
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        #expect(
            state.received(.error(RedisServerError("DENIED Redis is in protected mode"))).closeReason
                == .refused(RedisServerError("DENIED Redis is in protected mode"))
        )
    }

    @Test(
        "the text of AUTH's error is never passed on",
        arguments: [
            "ERR unknown command 'AUTH', with args beginning with: 'hunter2", "ERR hunter", "WRONGPASS hunter2",
            "hunter2", "HUNTER2", "LOADING hunter2", "ERR max number of clients hunter2", "DENIED hunter2",
        ]
    )
    func authentication(text: String) throws {
        var state = State(RedisURL(Self.url.endpoint, password: "hunter2 and so on"))
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        let reason = try #require(state.received(.error(RedisServerError(text))).closeReason)
        #expect(!reason.description.lowercased().contains("hunter"))
        #expect(reason.description.contains(["LOADING", "WRONGPASS", "DENIED"].first { text.hasPrefix($0) } ?? "ERR"))
    }

    @Test("an error that repeats a command's arguments is cut before them")
    func arguments() {
        let error = RedisServerError("ERR unknown command `EVALSHA`, with args beginning with: `st:{a}:tok:secret`")
        #expect(error.description == "ERR unknown command `EVALSHA`")
        #expect(RedisServerError(String(repeating: "x", count: 60_000)).description.count == 512)
    }

    @Test(
        "a server that accepts no EVALSHA gets scripts as text",
        arguments: [
            "NOPERM this user has no permissions to run the 'evalsha' command",
            "ERR unknown command 'EVALSHA', with args beginning with: 'a'",
        ]
    )
    func noDigests(text: String) {
        let command = RedisCommand(evaluating: RedisScript(Array("return 1".utf8)), keyCount: 0)
        var state = ready()
        _ = state.submit(1, command)
        _ = state.write()
        _ = state.received(.string(Array(repeating: UInt8(ascii: "a"), count: 40)))
        _ = state.received(.integer(1))
        _ = state.submit(2, command)
        #expect(state.write() == ["EVALSHA"])
        guard case .failure(let error)? = state.received(.error(RedisServerError(text))).reply?.1 else {
            Issue.record("no reply")
            return
        }
        #expect(error.asksForWholeScript)
        _ = state.submit(3, command)
        #expect(state.write() == ["EVAL"])
    }

    private static func slots(_ last: Int) -> RedisReply {
        .array([.array([.integer(0), .integer(last), .array([.string(Array("10.0.0.1".utf8)), .integer(6379)])])])
    }

    @Test(
        "a cluster node works as a single server if it has all slots, or if CLUSTER SLOTS is forbidden",
        arguments: [
            (slots(16383), true), (.error(RedisServerError("NOPERM no")), true), (slots(16382), false),
            (.array([]), false), (.null, false),
        ]
    )
    func node(reply: RedisReply, isOfUse: Bool) {
        // The names of the line in Redis and in Valkey.
        for line in ["redis_mode", "server_mode"] {
            var state = State(Self.url)
            _ = state.submit(1)
            state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
            _ = state.write()
            _ = state.received(.status("OK"))
            let told = state.received(.string(Array("# Server\r\nredis_version:7.0.15\r\n\(line):cluster\r\n".utf8)))
            #expect(told.released?.isEmpty == true)
            #expect(state.write() == ["CLUSTER"])
            #expect(state.received(.status("PONG")).isNothing)
            let outcome = state.received(reply)
            #expect(outcome.isReady == isOfUse)
            #expect(state.write() == (isOfUse ? ["X"] : []))
            if !isOfUse { #expect(outcome.closeReason?.description.contains("write redis+cluster://") == true) }
        }
    }

    @Test("a server that redirects a command is left")
    func redirected() {
        var state = ready()
        _ = state.submit(1)
        guard case .demoted([1], let error) = state.received(.error(RedisServerError("MOVED 1 10.0.0.2:6379"))) else {
            Issue.record("the connection stays open")
            return
        }
        #expect(!RedisError(error).isDemotion)
    }

    @Test("one cause is logged once a minute with its count, and few causes in all")
    func bounds() {
        var bounds = OperatorLogBounds()
        #expect(bounds.line("a", now: State.at(0)) == "a")
        for _ in 0..<10_000 { #expect(bounds.line("a", now: State.at(59_999)) == nil) }
        #expect(bounds.line("a", now: State.at(60_000)) == "a (10000 more times in the last 60 s)")
        #expect(bounds.line("a", now: State.at(120_000)) == "a")
        let lines = (0..<1000).compactMap { bounds.line("b\($0)", now: State.at(120_000)) }
        #expect(lines.count == OperatorLogBounds.maxCauses - 1)
        #expect(bounds.line("c", now: State.at(180_000)) == "c (and 985 other problems)")
    }
}
