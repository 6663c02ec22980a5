import FunctionEventLoop
import Testing

@testable import FunctionRedis

@Suite struct ClusterOperationTests {
    private static let server = RedisURL.Endpoint.tcp(host: "h", port: 1)
    private static func at(_ milliseconds: Int) -> Instant { Instant(nanoseconds: 0) + .milliseconds(milliseconds) }

    private static func refused(_ text: String) -> RedisError { RedisError(RedisServerError(text)) }

    private static func lost(executed: Bool) -> RedisError {
        RedisError(.connectionLost("closed"), mayHaveBeenExecuted: executed)
    }

    @Test(
        "a command to a changing cluster is retried after 5 ms, doubling to 80, until the deadline",
        arguments: [
            "TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down", "LOADING",
        ]
    )
    func transition(text: String) {
        var operation = ClusterOperation(until: Self.at(300))
        var now = 0
        var pauses: [Int] = []
        while case .again(let pause) = operation.step(after: Self.refused(text), from: Self.server, now: Self.at(now)) {
            pauses.append(pause.milliseconds)
            now += pause.milliseconds
        }
        #expect(pauses == [5, 10, 20, 40, 80, 80])
        let last = operation.step(after: Self.refused(text), from: Self.server, now: Self.at(now))
        #expect(last == .fail(RedisError(.unavailable(text), mayHaveBeenExecuted: false)))
    }

    @Test("a command that may have been executed is retried once, at once")
    func unknownOutcome() {
        var operation = ClusterOperation(until: Self.at(1000))
        #expect(operation.limit(now: Self.at(0)) == Self.at(500))
        let first = operation.step(after: Self.lost(executed: true), from: Self.server, now: Self.at(100))
        #expect(first == .again(after: .seconds(0)))
        #expect(operation.limit(now: Self.at(100)) == Self.at(1000))
        let second = operation.step(after: Self.lost(executed: false), from: Self.server, now: Self.at(200))
        #expect(second == .again(after: .milliseconds(5)))
        let third = operation.step(after: Self.lost(executed: true), from: Self.server, now: Self.at(300))
        #expect(third == .fail(Self.lost(executed: true)))
    }

    @Test("an unknown outcome stays unknown")
    func staysUnknown() {
        var operation = ClusterOperation(until: Self.at(1000))
        _ = operation.step(after: Self.lost(executed: true), from: Self.server, now: Self.at(0))
        let step = operation.step(after: Self.refused("NOPERM"), from: Self.server, now: Self.at(1))
        #expect(step == .fail(RedisError(.refused(RedisServerError("NOPERM")), mayHaveBeenExecuted: true)))
    }

    @Test(
        "a refused command is not retried",
        arguments: ["WRONGTYPE x", "NOPERM", "OOM", "CROSSSLOT", "MOVED nonsense"]
    )
    func refusals(text: String) {
        var operation = ClusterOperation(until: Self.at(1000))
        let step = operation.step(after: Self.refused(text), from: Self.server, now: Self.at(0))
        #expect(step == .fail(Self.refused(text)))
    }

    @Test("redirections are followed at once, then ever slower, up to a limit", arguments: ["MOVED", "ASK"])
    func redirections(code: String) throws {
        let error = Self.refused("\(code) 7 g:2")
        let slot = try #require(HashSlot(number: 7))
        var operation = ClusterOperation(until: Self.at(10_000))
        var now = 0
        var count = 0
        while count < 100 {
            let step = operation.step(after: error, from: Self.server, now: Self.at(now))
            if case .fail(let error) = step {
                #expect(!error.mayHaveBeenExecuted)
                #expect(error.description.contains("from server to server"))
                break
            }
            var pause = Interval.seconds(0)
            if case .moved(_, _, let after) = step { pause = after }
            if case .ask(_, let after) = step { pause = after }
            let place = RedisURL.Endpoint.tcp(host: "g", port: 2)
            #expect(step == (code == "ASK" ? .ask(place, after: pause) : .moved(slot, place, after: pause)))
            #expect((pause > .seconds(0)) == (count >= 4))
            now += pause.milliseconds
            count += 1
        }
        #expect(count == ClusterOperation.maxRedirections)
    }

    @Test("every operation ends, whatever the errors")
    func bounded() {
        var operation = ClusterOperation(until: .forever)
        let errors = [
            Self.lost(executed: false), Self.refused("TRYAGAIN"), RedisError(.closed, mayHaveBeenExecuted: false),
        ]
        for count in 0..<1000 {
            let step = operation.step(after: errors[count % 3], from: Self.server, now: Self.at(0))
            if case .fail = step { return }
        }
        Issue.record("no end")
    }
}
