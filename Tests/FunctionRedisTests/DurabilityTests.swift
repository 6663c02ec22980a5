import FunctionEventLoop
import Testing

@testable import FunctionRedis

/// Replies that wait for replicas, without a socket or a clock.
@Suite struct DurabilityTests {
    private typealias State = ConnectionState<Int>

    private func ready(replicas: Int = 1) -> State {
        var state = State(
            RedisURL(.tcp(host: "h", port: 1)),
            durability: .init(replicas: replicas, time: .milliseconds(300))
        )
        state.becomeConnected()
        _ = state.write()
        return state
    }

    private func reasons(_ failed: [(Int, RedisError)]) -> [Int: RedisError] {
        Dictionary(failed) { first, _ in first }
    }

    @Test("commands of one turn share one WAIT, and their replies are returned with its reply")
    func round() {
        var state = ready()
        for waiter in 1...2 { #expect(state.submit(waiter) == .sent) }
        state.askReplicas(now: State.at(0))
        state.askReplicas(now: State.at(0))
        #expect(state.write() == ["X", "X", "WAIT"])
        #expect(state.received(.integer(10)).isNothing)
        #expect(state.received(.integer(20)).isNothing)
        let released = state.received(.integer(1)).released
        #expect(released == [1: .success(.integer(10)), 2: .success(.integer(20))])
        state.askReplicas(now: State.at(0))
        #expect(state.write() == [])
    }

    @Test("commands that arrive during a WAIT are sent together after its reply, with the next WAIT")
    func nextRound() {
        var state = ready()
        _ = state.submit(1)
        state.askReplicas(now: State.at(0))
        _ = state.write()
        for waiter in 2...3 { #expect(state.submit(waiter) == .waits) }
        state.askReplicas(now: State.at(0))
        #expect(state.write() == [])
        _ = state.received(.integer(0))
        #expect(state.received(.integer(1)).released?.keys.sorted() == [1])
        state.askReplicas(now: State.at(0))
        #expect(state.write() == ["X", "X", "WAIT"])
    }

    @Test("a command that too few replicas have fails without a retry, because it was executed")
    func fewer() {
        var state = ready(replicas: 2)
        _ = state.submit(1)
        state.askReplicas(now: State.at(0))
        _ = state.received(.integer(10))
        let error = RedisError(.notReplicated(1, of: 2), mayHaveBeenExecuted: true)
        #expect(state.received(.integer(1)).released == [1: .failure(error)])
        #expect(!error.isTransient)
        #expect(error.description == "Redis: 1 of 2 replicas had it in time; the command may have been executed")
    }

    @Test("an error reply to the command itself is returned at once")
    func commandError() {
        var state = ready()
        for waiter in 1...2 { _ = state.submit(waiter) }
        state.askReplicas(now: State.at(0))
        let error = RedisServerError("OOM full")
        #expect(state.received(.error(error)).reply?.0 == 1)
        _ = state.received(.integer(20))
        #expect(state.received(.integer(1)).released == [2: .success(.integer(20))])
    }

    @Test("a forbidden WAIT fails its commands with the server's words, as possibly executed")
    func forbidden() {
        var state = ready()
        _ = state.submit(1)
        state.askReplicas(now: State.at(0))
        _ = state.received(.integer(10))
        let error = RedisServerError("NOPERM this user has no permissions to run the 'wait' command")
        let expected = RedisError(.refused(error), mayHaveBeenExecuted: true)
        #expect(state.received(.error(error)).released == [1: .failure(expected)])
    }

    @Test("when a connection is lost, commands with withheld replies may have been executed")
    func lost() {
        var state = ready()
        for waiter in 1...2 { _ = state.submit(waiter) }
        state.askReplicas(now: State.at(0))
        state.output.consume(state.output.pendingCount)
        _ = state.received(.integer(10))
        let (failed, _) = state.disconnected(.connectionLost("x"), random: 0)
        #expect(reasons(failed).mapValues(\.mayHaveBeenExecuted) == [1: true, 2: true])
        state.becomeConnected()
        _ = state.write()
        #expect(state.submit(3) == .sent)
        state.askReplicas(now: State.at(0))
        #expect(state.write() == ["X", "WAIT"])
    }

    @Test("a command whose reply is withheld past its deadline fails alone, and the connection stays")
    func overdue() {
        var state = ready()
        _ = state.submit(1, by: 50)
        _ = state.submit(2, by: 1000)
        state.askReplicas(now: State.at(0))
        for reply in [10, 20] { _ = state.received(.integer(reply)) }
        let timeout = state.deadlinePassed(now: State.at(50))
        #expect(reasons(timeout.failed) == [1: RedisError(.timedOut, mayHaveBeenExecuted: true)])
        #expect(!timeout.isOwed)
        #expect(state.nextDeadline == State.at(700))
        #expect(state.received(.integer(1)).released == [2: .success(.integer(20))])
    }

    @Test("a WAIT without a reply after over twice its timeout closes the connection")
    func hung() {
        var state = ready()
        _ = state.submit(1)
        state.askReplicas(now: State.at(0))
        _ = state.received(.integer(10))
        #expect(!state.deadlinePassed(now: State.at(699)).isOwed)
        #expect(state.deadlinePassed(now: State.at(700)).isOwed)
    }

    @Test("commands that waited for the connection share one WAIT")
    func behindProbe() {
        var state = State(
            RedisURL(.tcp(host: "h", port: 1)),
            durability: .init(replicas: 1, time: .milliseconds(300))
        )
        for waiter in 1...2 { _ = state.submit(waiter) }
        state.connected(deadline: State.at(1000), sinceBoot: State.at(0))
        state.askReplicas(now: State.at(0))
        #expect(state.write() == ["CLIENT", "INFO", "PING"])
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        _ = state.received(.status("PONG"))
        state.askReplicas(now: State.at(0))
        #expect(state.write() == ["X", "X", "WAIT"])
    }
}
