import FunctionEventLoop
import FunctionMetrics
import Testing

@testable import FunctionRedis

/// Commands that are sent as one, without a socket or a clock.
@Suite("Joined commands")
struct JoiningTests {
    private typealias State = ConnectionState<Int>

    private static let script = RedisScript(Array("return 1".utf8))
    private static let other = RedisScript(Array("return 2".utf8))

    /// With the shared arguments `key` and 5, and the own ones `own` and `last`.
    private static func command(
        _ own: String,
        _ last: Int = 60,
        key: String = "k",
        limit: Int = 16,
        script: RedisScript = script
    ) -> RedisCommand {
        var command = RedisCommand(evaluating: script, keyCount: 2, joining: limit)
        command.append(key)
        command.appendOwn { $0.append(own) }
        command.append(5)
        command.appendOwn { $0.append(last) }
        return command
    }

    private static func ready() -> State {
        var state = State(RedisURL(.tcp(host: "h", port: 1)))
        state.becomeConnected()
        _ = state.write()
        return state
    }

    /// The words of each command in the output, which is consumed.
    private func words(_ state: inout State) -> [[String]] {
        let text = state.output.withPending { pending in
            String(decoding: (0..<pending.count).map { pending[$0] }, as: UTF8.self)
        }
        state.output.consume(state.output.pendingCount)
        var commands: [[String]] = []
        for line in text.split(separator: "\r\n") {
            if line.hasPrefix("*") { commands.append([]) }
            if !line.hasPrefix("*"), !line.hasPrefix("$") { commands[commands.count - 1].append(String(line)) }
        }
        return commands
    }

    /// A state that knows the script's digest.
    private func learned() -> State {
        var state = Self.ready()
        _ = state.submit(0, Self.command("first"))
        state.sendJoinable()
        _ = words(&state)
        _ = state.received(.string([UInt8](repeating: UInt8(ascii: "a"), count: 40)))
        _ = state.received(.integer(0))
        return state
    }

    private func evaluation(_ rest: String...) -> [String] {
        ["EVALSHA", String(repeating: "a", count: 40)] + rest
    }

    @Test("those of a turn that differ only in their own arguments are sent as one, in their order")
    func joined() {
        var state = learned()
        for (waiter, own) in [(1, "a"), (2, "b"), (3, "c")] {
            #expect(state.submit(waiter, Self.command(own)) == .sent)
        }
        #expect(words(&state) == [])
        state.sendJoinable()
        #expect(words(&state) == [evaluation("4", "k", "a", "b", "c", "5", "60", "60", "60")])
        let reply = RedisReply.array([.integer(1), .error(RedisServerError("ERR no")), .string([])])
        let released = state.received(reply).released
        #expect(released?[1] == .success(.integer(1)))
        #expect(released?[2] == .failure(RedisError(RedisServerError("ERR no"))))
        #expect(released?[3] == .success(.string([])))
    }

    @Test("the own part of ARGV may be of any length, and of any number of digits the number of KEYS")
    func lengths() {
        var state = learned()
        let lasts = [1, 60, 300, -1, 0, 12345, 1, 1, 1]
        for (waiter, last) in lasts.enumerated() { _ = state.submit(waiter, Self.command("a", last)) }
        state.sendJoinable()
        let keys = ["10", "k"] + lasts.map { _ in "a" }
        #expect(words(&state).map { Array($0.dropFirst(2)) } == [keys + ["5"] + lasts.map { "\($0)" }])
    }

    @Test("one that comes alone is sent as if it could not be joined")
    func alone() {
        var state = learned()
        #expect(state.submit(1, Self.command("a")) == .sent)
        state.sendJoinable()
        #expect(words(&state) == [evaluation("2", "k", "a", "5", "60")])
        #expect(state.received(.integer(1)).reply?.0 == 1)
    }

    @Test("other keys, scripts, limits and lengths are not joined; what repeats the one before it takes up later ones")
    func others() {
        var state = learned()
        let commands = [
            Self.command("a"), Self.command("b", key: "l"), Self.command("c"), Self.command("d"),
            Self.command("e", key: "l"), Self.command("f"), Self.command("g", limit: 15),
            Self.command("long"), Self.command("h", script: Self.other),
        ]
        for (waiter, command) in commands.enumerated() { _ = state.submit(waiter, command) }
        state.sendJoinable()
        let sent = words(&state).map { $0.dropFirst(2).joined(separator: " ") }
        #expect(
            sent == [
                "2 k a 5 60", "2 l b 5 60", "4 k c d f 5 60 60 60", "2 l e 5 60", "2 k g 5 60",
                "2 k long 5 60", "return 2", "2 k h 5 60",
            ]
        )
    }

    @Test("not more than their limit", arguments: [2, 3, 16])
    func limit(limit: Int) {
        var state = learned()
        for waiter in 10..<50 { _ = state.submit(waiter, Self.command("\(waiter)", limit: limit)) }
        state.sendJoinable()
        let counts = words(&state).map { $0.count { $0 == "60" } }
        #expect(counts.reduce(0, +) == 40)
        #expect(counts.dropLast().allSatisfy { $0 == limit })
    }

    @Test("the earliest deadline is that of all")
    func deadline() {
        var state = learned()
        for (waiter, deadline) in [(1, 900), (2, 300), (3, 600)] {
            _ = state.submit(waiter, Self.command("\(waiter)"), by: deadline)
        }
        state.sendJoinable()
        #expect(!state.deadlinePassed(now: State.at(299)).isOwed)
        #expect(state.deadlinePassed(now: State.at(300)).isOwed)
    }

    @Test("those that wait for a connection are joined once there is one")
    func afterConnecting() {
        var state = learned()
        for waiter in 1...2 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        state.sendJoinable()
        _ = words(&state)
        let (failed, _) = state.disconnected(.connectionLost("x"), random: 0)
        #expect(failed.map(\.0) == [1, 2])
        #expect(failed.allSatisfy { $0.1.mayHaveBeenExecuted })
        for (waiter, _) in failed { #expect(state.submit(waiter, Self.command("\(waiter)")) == .waits) }
        #expect(state.submit(3, Self.command("3")) == .waits)
        state.becomeConnected()
        #expect(words(&state).last == evaluation("4", "k", "1", "2", "3", "5", "60", "60", "60"))
    }

    @Test("one that is lost before its turn ends was not executed, and waits for the next connection")
    func lostEarly() {
        var state = learned()
        _ = state.submit(1, Self.command("a"))
        #expect(state.disconnected(.connectionLost("x"), random: 0).failed.isEmpty)
        state.becomeConnected()
        #expect(words(&state).last == evaluation("2", "k", "a", "5", "60"))
        _ = state.submit(2, Self.command("b"))
        let closed = state.close()
        #expect(Dictionary(closed) { first, _ in first }[2]?.mayHaveBeenExecuted == false)
    }

    @Test("each learns of an error of all: it is repeated with the script's text, again as one")
    func missingScript() {
        var state = learned()
        for waiter in 1...2 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        state.sendJoinable()
        _ = words(&state)
        let released = state.received(.error(RedisServerError("NOSCRIPT no"))).released
        for waiter in 1...2 {
            guard case .failure(let error)? = released?[waiter] else {
                Issue.record("\(waiter) has no error")
                return
            }
            #expect(error.isMissingScript)
            _ = state.submit(
                Self.command("\(waiter)"),
                for: waiter,
                .whole,
                deadline: State.at(1000),
                now: State.at(0),
                sinceBoot: State.at(0)
            )
        }
        _ = state.submit(3, Self.command("3"))
        state.sendJoinable()
        #expect(
            words(&state) == [
                ["EVAL", "return 1", "3", "k", "1", "2", "5", "60", "60"], evaluation("2", "k", "3", "5", "60"),
            ]
        )
    }

    @Test("a server that rejects all of them as a replica is left, and each is told")
    func demoted() {
        var state = learned()
        for waiter in 1...2 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        state.sendJoinable()
        guard case .demoted([1, 2], let error) = state.received(.error(RedisServerError("READONLY no"))) else {
            Issue.record("the connection stays open")
            return
        }
        #expect(!RedisError(error).mayHaveBeenExecuted)
    }

    @Test(
        "a reply that is not one for each is an error for each",
        arguments: [
            RedisReply.null, .integer(2), .array([]), .array([.integer(1)]),
            .array([.integer(1), .integer(2), .integer(3)]), .status("OK"), .string([1, 2]),
        ]
    )
    func miscounted(reply: RedisReply) {
        var state = learned()
        for waiter in 1...2 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        state.sendJoinable()
        let expected = RedisError(.malformedReply(.miscounted), mayHaveBeenExecuted: true)
        #expect(state.received(reply).released == [1: .failure(expected), 2: .failure(expected)])
    }

    @Test("where replies wait for replicas, nothing is joined")
    func durable() {
        var state = State(RedisURL(.tcp(host: "h", port: 1)), durability: .init(replicas: 1, time: .milliseconds(300)))
        state.becomeConnected()
        _ = state.write()
        for waiter in 1...2 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        #expect(words(&state).map(\.first) == ["SCRIPT", "EVAL", "EVAL"])
        #expect(state.submit(3, Self.command("3")) == .sent)
    }

    @Test("the sizes of groups are counted")
    func sizes() {
        let statistics = RedisStatistics()
        var state = State(RedisURL(.tcp(host: "h", port: 1)), statistics: statistics)
        state.becomeConnected()
        for waiter in 10..<28 { _ = state.submit(waiter, Self.command("\(waiter)")) }
        state.sendJoinable()
        _ = state.submit(28, Self.command("a"))
        _ = state.submit(29)
        state.sendJoinable()
        var reading = MetricsReading()
        statistics.add(to: &reading)
        let name = "stream_token_redis_group_size"
        for sample in ["_bucket{le=\"1\"} 1", "_bucket{le=\"2\"} 2", "_bucket{le=\"16\"} 3", "_sum 19", "_count 3"] {
            #expect(reading.text.contains("\n\(name)\(sample)\n"))
        }
    }
}
