import FunctionEventLoop
import Testing

@testable import FunctionRedis

/// Every transition, without a socket or a clock.
@Suite struct ConnectionStateTests {
    private static let url = RedisURL(.tcp(host: "h", port: 1))
    private static let later = at(1000)

    private static func at(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    private func ready(_ url: RedisURL = url) -> ConnectionState<Int> {
        var state = ConnectionState<Int>(url)
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        _ = state.received(.status("PONG"))
        return state
    }

    private func submit(
        _ waiter: Int,
        to state: inout ConnectionState<Int>,
        _ command: RedisCommand = RedisCommand("X"),
        deadline: Instant = later,
        at boot: Instant = at(0)
    ) -> ConnectionState<Int>.Submission {
        state.submit(command, for: waiter, deadline: deadline, now: Self.at(0), sinceBoot: boot)
    }

    private func text(_ state: ConnectionState<Int>) -> String {
        state.output.withPending { pending in
            String(decoding: (0..<pending.count).map { pending[$0] }, as: UTF8.self)
        }
    }

    private func written(_ state: inout ConnectionState<Int>) {
        state.output.consume(state.output.pendingCount)
    }

    /// Waiters and their errors.
    private func told(_ failed: [(Int, RedisError)]) -> [Int: RedisError] {
        Dictionary(failed) { first, _ in first }
    }

    @Test("login, name and probe are sent first, in one piece; earlier commands follow the probe's reply")
    func login() {
        var state = ConnectionState<Int>(RedisURL(Self.url.endpoint, user: "u", password: "p", database: 2))
        #expect(submit(1, to: &state) == .waits)
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        #expect(
            text(state)
                == "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n"
                + "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$12\r\nstream-token\r\n"
                + "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n*1\r\n$4\r\nPING\r\n"
        )
        written(&state)
        for _ in 0..<3 { #expect(state.received(.status("OK")).isNothing) }
        #expect(state.received(.null).isNothing)
        #expect(submit(2, to: &state) == .waits)
        #expect(state.received(.status("PONG")).isReady)
        #expect(text(state) == "*1\r\n$1\r\nX\r\n*1\r\n$1\r\nX\r\n")
        #expect(state.received(.integer(1)).reply?.0 == 1)
        #expect(state.received(.integer(2)).reply?.0 == 2)
    }

    @Test("a refused login fails all waiting commands, without naming the password, and is retried later")
    func refusedLogin() {
        var state = ConnectionState<Int>(RedisURL(Self.url.endpoint, password: "hunter2"))
        _ = submit(1, to: &state)
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        let reply = RedisReply.error(
            RedisServerError("ERR unknown command 'AUTH', with args beginning with: 'hunter2'")
        )
        guard let reason = state.received(reply).closeReason else {
            Issue.record("the connection stays open")
            return
        }
        let (failed, delay) = state.disconnected(reason, random: 0)
        let error = told(failed)[1]
        #expect(error?.description.contains("ERR") == true)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.mayHaveBeenExecuted == false)
        #expect(delay == .milliseconds(10))
    }

    @Test(
        "a server that cannot serve yet is unavailable, and waiting commands go on waiting",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
            "ERR max number of clients reached",
        ]
    )
    func loading(text: String) {
        var state = ConnectionState<Int>(Self.url)
        _ = submit(1, to: &state)
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        let reason = state.received(.error(RedisServerError(text))).closeReason
        #expect(reason == .unavailable(text))
        #expect(state.disconnected(reason ?? .closed, random: 0).failed.isEmpty)
        let timeout = state.deadlinePassed(now: Self.later)
        #expect(told(timeout.failed)[1]?.description.contains(text) == true)
    }

    @Test("errors of CLIENT SETNAME, and missing rights for INFO or PING, do not matter")
    func courtesies() {
        var state = ConnectionState<Int>(Self.url)
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        #expect(state.received(.error(RedisServerError("ERR unknown command 'CLIENT'"))).isNothing)
        #expect(state.received(.error(RedisServerError("NOPERM no permissions"))).isNothing)
        #expect(state.received(.error(RedisServerError("NOPERM no permissions"))).isReady)
    }

    @Test("when a connection is lost, each command's error says whether it may have been executed")
    func lost() {
        var state = ready()
        written(&state)
        _ = submit(1, to: &state)
        state.output.consume(state.output.pendingCount)
        _ = submit(2, to: &state)
        state.output.consume(state.output.pendingCount - 1)
        _ = submit(3, to: &state)
        let (failed, delay) = state.disconnected(.connectionLost("x"), random: 0)
        #expect(told(failed).mapValues(\.mayHaveBeenExecuted) == [1: true, 2: false, 3: false])
        #expect(delay == .seconds(0))
        #expect(state.phase == .connecting)
    }

    @Test("tries to connect back off to half a second, and start again after one that worked")
    func backoff() {
        var state = ready()
        let delays = (0..<9).map { _ in state.disconnected(.unavailable("x"), random: 0).delay.milliseconds }
        #expect(delays == [0, 10, 20, 40, 80, 160, 320, 500, 500])
        state.connected(deadline: Self.later, sinceBoot: Self.at(0))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        _ = state.received(.status("PONG"))
        #expect(state.disconnected(.unavailable("x"), random: 0).delay == .seconds(0))
    }

    @Test("jitter shortens a pause by up to half", arguments: [0, 1, 12345, UInt64.max])
    func jitter(random: UInt64) {
        for failures in 1..<70 {
            let full = Backoff.delay(failures: failures, random: 0)
            let delay = Backoff.delay(failures: failures, random: random)
            #expect(delay.nanoseconds > full.nanoseconds / 2 && delay.nanoseconds <= full.nanoseconds)
        }
    }

    @Test("an unsolicited reply closes the connection")
    func unsolicited() {
        var state = ready()
        #expect(state.received(.integer(1)).closeReason == .malformedReply(.unsolicited))
    }

    @Test("a server's errors become errors of the command")
    func errors() {
        var state = ready()
        for waiter in 1...3 { _ = submit(waiter, to: &state) }
        let texts = ["OOM full", "LOADING x", "ERR in the middle"]
        let errors = texts.map { text -> RedisError? in
            guard case .failure(let error)? = state.received(.error(RedisServerError(text))).reply?.1 else {
                return nil
            }
            return error
        }
        #expect(errors[0] == RedisError(.refused(RedisServerError("OOM full")), mayHaveBeenExecuted: false))
        #expect(errors[1] == RedisError(.unavailable("LOADING x"), mayHaveBeenExecuted: false))
        #expect(errors[2]?.mayHaveBeenExecuted == true)
    }

    @Test("the backlog is bounded, connected or not")
    func backlog() {
        var command = RedisCommand("X")
        command.append([UInt8](repeating: 0, count: 1 << 20))
        for start in [ready(), ConnectionState<Int>(Self.url)] {
            var state = start
            var accepted = 0
            while accepted < 100, submit(accepted, to: &state, command) != .refused(overloaded) { accepted += 1 }
            #expect(accepted == 7)
        }
    }

    private let overloaded = RedisError(.overloaded, mayHaveBeenExecuted: false)

    @Test("a command that waits in vain fails at its deadline, with the reason for the missing connection")
    func waitsInVain() {
        var state = ConnectionState<Int>(Self.url)
        _ = submit(1, to: &state, deadline: Self.at(50))
        _ = submit(2, to: &state, deadline: Self.at(20))
        _ = state.disconnected(.unavailable("refused"), random: 0)
        #expect(state.nextDeadline == Self.at(20))
        let timeout = state.deadlinePassed(now: Self.at(21))
        let reason = RedisError.Reason.unavailable("refused")
        #expect(told(timeout.failed) == [2: RedisError(reason, mayHaveBeenExecuted: false)])
        #expect(!timeout.isOwed)
        #expect(state.nextDeadline == Self.at(50))
    }

    @Test("an overdue reply closes the connection, whichever command it is for")
    func overdue() {
        var state = ready()
        _ = submit(1, to: &state, deadline: Self.at(100))
        _ = submit(2, to: &state, deadline: Self.at(50))
        #expect(state.nextDeadline == Self.at(50))
        #expect(!state.deadlinePassed(now: Self.at(49)).isOwed)
        #expect(state.nextDeadline == Self.at(50))
        #expect(state.deadlinePassed(now: Self.at(50)).isOwed)
    }

    @Test("a deadline that comes up late is postponed once, because this process stood still")
    func frozen() {
        var state = ready()
        _ = submit(1, to: &state, deadline: Self.at(50))
        #expect(!state.deadlinePassed(now: Self.at(5000)).isOwed)
        #expect(state.nextDeadline == Self.at(5100))
        #expect(state.deadlinePassed(now: Self.at(9000)).isOwed)
    }

    @Test("a connection that was silent for over 30 seconds is probed before use")
    func silence() {
        var state = ready()
        written(&state)
        #expect(submit(1, to: &state, at: Self.at(30_000)) == .sent)
        #expect(text(state) == "*1\r\n$1\r\nX\r\n")
        _ = state.received(.null)
        written(&state)
        #expect(submit(2, to: &state, at: Self.at(30_001)) == .sent)
        #expect(text(state) == "*1\r\n$4\r\nPING\r\n")
        #expect(state.nextDeadline == Self.at(100))
        written(&state)
        #expect(submit(3, to: &state, at: Self.at(30_001)) == .waits)
        #expect(state.received(.status("PONG")).isReady)
        #expect(text(state) == "*1\r\n$1\r\nX\r\n*1\r\n$1\r\nX\r\n")
    }

    @Test("after a failed probe, a new connection is made at once, and waiting commands are sent there")
    func failedProbe() {
        var state = ready()
        _ = submit(1, to: &state, at: Self.at(30_001))
        #expect(state.deadlinePassed(now: Self.at(100)).isOwed)
        let (failed, delay) = state.disconnected(.timedOut, random: 0)
        #expect(failed.isEmpty)
        #expect(delay == .seconds(0))
        state.connected(deadline: Self.later, sinceBoot: Self.at(30_200))
        _ = state.received(.status("OK"))
        _ = state.received(.null)
        _ = state.received(.status("PONG"))
        #expect(state.received(.integer(1)).reply?.0 == 1)
    }

    @Test("closing fails all commands, and no more are accepted")
    func closed() {
        var state = ready()
        _ = submit(1, to: &state)
        let closed = RedisError(.closed, mayHaveBeenExecuted: false)
        #expect(told(state.close()) == [1: closed])
        #expect(submit(2, to: &state) == .refused(closed))
        #expect(state.disconnected(.timedOut, random: 0).failed.isEmpty)
        #expect(state.phase == .closed)
    }

    @Test("a script's digest is requested once, used once known, and not needed if refused")
    func digests() {
        let script = RedisScript(Array("return 1".utf8))
        let command = RedisCommand(evaluating: script, keyCount: 0)
        let load = "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$8\r\nreturn 1\r\n"
        let whole = "*3\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n0\r\n"
        let digest = String(repeating: "a", count: 40)
        var state = ready()
        written(&state)
        for waiter in 1...2 { _ = submit(waiter, to: &state, command) }
        #expect(text(state) == load + whole + whole)
        written(&state)
        #expect(state.received(.string(Array(digest.utf8))).isNothing)
        _ = submit(3, to: &state, command)
        #expect(text(state) == "*3\r\n$7\r\nEVALSHA\r\n$40\r\n\(digest)\r\n$1\r\n0\r\n")
        written(&state)
        _ = state.submit(
            command,
            for: 4,
            .whole,
            deadline: Self.later,
            now: Self.at(0),
            sinceBoot: Self.at(0)
        )
        #expect(text(state) == whole)

        var forbidden = ready()
        written(&forbidden)
        _ = submit(1, to: &forbidden, command)
        _ = forbidden.received(.error(RedisServerError("NOPERM no")))
        written(&forbidden)
        _ = submit(2, to: &forbidden, command)
        #expect(text(forbidden) == whole)
    }
}
