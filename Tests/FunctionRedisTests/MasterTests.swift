import FunctionEventLoop
import Testing

@testable import FunctionRedis

/// A server that must be a primary and may move, without a socket or a clock.
@Suite struct MasterTests {
    private typealias State = ConnectionState<Int>

    private static let here = RedisURL.Endpoint.tcp(host: "10.0.0.1", port: 6379)
    private static let there = RedisURL.Endpoint.tcp(host: "10.0.0.2", port: 6379)

    private func begun() throws -> State {
        var state = State(try RedisURL("redis+sentinel://u:p@s/m/2"))
        #expect(state.move(to: Self.here).isEmpty)
        return state
    }

    private func ready() throws -> State {
        var state = State(try RedisURL("redis+sentinel://s/m"))
        _ = state.move(to: Self.here)
        state.becomeConnected()
        _ = state.write()
        return state
    }

    @Test("the URL's credentials and database go to the primary, which is asked for its role")
    func handshake() throws {
        var state = try begun()
        #expect(state.url == RedisURL(Self.here, user: "u", password: "p", database: 2))
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        #expect(state.write() == ["AUTH", "SELECT", "CLIENT", "INFO", "ROLE", "PING"])
    }

    @Test("a single server is not asked for its role")
    func server() {
        var state = State(RedisURL(Self.here))
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        #expect(state.write() == ["CLIENT", "INFO", "PING"])
    }

    @Test(
        "a server that is not a primary is unavailable, and waiting commands go on waiting",
        arguments: [
            (RedisReply.role("slave"), "10.0.0.1:6379 is a replica"),
            (.role("sentinel"), "10.0.0.1:6379 is not a primary"),
            (.array([]), "10.0.0.1:6379 is not a primary"),
            (.status("OK"), "10.0.0.1:6379 is not a primary"),
            (.null, "10.0.0.1:6379 is not a primary"),
        ]
    )
    func noMaster(reply: RedisReply, cause: String) throws {
        var state = State(try RedisURL("redis+sentinel://s/m"))
        _ = state.move(to: Self.here)
        _ = state.submit(1)
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        let reason = state.received(reply).closeReason
        #expect(reason == .unavailable(cause))
        #expect(state.disconnected(reason ?? .closed, random: 0).failed.isEmpty)
        let timeout = state.deadlinePassed(now: State.at(1000))
        #expect(timeout.failed.first?.1 == RedisError(.unavailable(cause), mayHaveBeenExecuted: false))
    }

    @Test("a user who may not call ROLE is served nonetheless")
    func noRights() throws {
        var state = State(try RedisURL("redis+sentinel://s/m"))
        _ = state.move(to: Self.here)
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        #expect(state.received(.error(RedisServerError("NOPERM no permissions to run 'role'"))).isNothing)
        #expect(state.received(.status("PONG")).isReady)
    }

    @Test("when the server moves, commands in flight fail, and waiting ones are sent to the next at once")
    func move() throws {
        var state = try ready()
        _ = state.submit(1)
        _ = state.write()
        _ = state.submit(2)
        let failed = state.move(to: Self.there)
        #expect(failed.map(\.1.mayHaveBeenExecuted) == [true, false])
        #expect(failed.allSatisfy { $0.1.isTransient })
        #expect(state.phase == .connecting)
        #expect(state.submit(3) == .waits)
        #expect(state.disconnected(.unavailable("x"), random: 0).delay == .milliseconds(10))
        state.becomeConnected()
        #expect(state.write().last == "X")
    }

    @Test("scripts are sent to the next server as text, and loaded there")
    func scripts() throws {
        let command = RedisCommand(evaluating: RedisScript(Array("return 1".utf8)), keyCount: 0)
        var state = try ready()
        _ = state.submit(1, command)
        #expect(state.write() == ["SCRIPT", "EVAL"])
        _ = state.received(.string(Array(repeating: UInt8(ascii: "a"), count: 40)))
        _ = state.received(.integer(1))
        _ = state.move(to: Self.there)
        state.becomeConnected()
        _ = state.write()
        _ = state.submit(2, command)
        #expect(state.write() == ["SCRIPT", "EVAL"])
    }

    @Test(
        "a write that is rejected as read-only closes the connection, and was not executed",
        arguments: [
            "READONLY You can't write against a read only replica.",
            "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -READONLY You can't write against a "
                + "read only replica.",
        ]
    )
    func demoted(text: String) throws {
        var state = try ready()
        _ = state.submit(1)
        guard case .demoted([1], let error) = state.received(.error(RedisServerError(text))) else {
            Issue.record("the connection stays open")
            return
        }
        #expect(RedisError(error).isReadOnly)
        #expect(!RedisError(error).mayHaveBeenExecuted)
    }

    @Test("a primary that rejects writes is retried ever more rarely, another server at once")
    func liar() throws {
        var state = try ready()
        let delays = (0..<4).map { _ in
            _ = state.submit(1)
            _ = state.received(.error(RedisServerError("READONLY no")))
            let delay = state.disconnected(.unavailable("READONLY no"), random: 0).delay
            state.becomeConnected()
            _ = state.write()
            return delay.milliseconds
        }
        #expect(delays == [10, 20, 40, 80])
        _ = state.move(to: Self.there)
        state.becomeConnected()
        #expect(state.disconnected(.connectionLost("x"), random: 0).delay == .seconds(0))
    }

    @Test("without queuesWhileDisconnected, waiting commands fail with the try to connect")
    func failsAtOnce() {
        var state = State(RedisURL(Self.here), queuesWhileDisconnected: false)
        _ = state.submit(1)
        let (failed, _) = state.disconnected(.unavailable("refused"), random: 0)
        #expect(failed.map(\.1) == [RedisError(.unavailable("refused"), mayHaveBeenExecuted: false)])
        #expect(state.submit(2) == .waits)
    }

    @Test(
        "a sentinel's reply is an address with host and port, or rejected",
        arguments: [
            (["10.0.0.1", "6379"], RedisURL.Endpoint.tcp(host: "10.0.0.1", port: 6379)),
            (["::1", "1"], .tcp(host: "::1", port: 1)),
            (["redis-0.svc_x", "65535"], .tcp(host: "redis-0.svc_x", port: 65535)),
            (["", "6379"], nil), (["a b", "6379"], nil), (["h\n", "6379"], nil),
            (["h", "0"], nil), (["h", "65536"], nil), (["h", "x"], nil), (["h", ""], nil),
            (["h"], nil), (["h", "1", "2"], nil), ([], nil),
            ([String(repeating: "a", count: 256), "1"], nil),
        ] as [([String], RedisURL.Endpoint?)]
    )
    func address(words: [String], expected: RedisURL.Endpoint?) {
        #expect(RedisReply.array(words.map { .string(Array($0.utf8)) }).masterAddress == expected)
    }

    @Test("a reply that is not a pair of texts is not an address")
    func noAddress() {
        for reply in [RedisReply.null, .status("OK"), .integer(1), .array([.integer(1), .integer(2)])] {
            #expect(reply.masterAddress == nil)
        }
    }
}
