import FunctionEventLoop

@testable import FunctionRedis

/// Steps of tests, with numbers as waiters.
extension ConnectionState<Int> {
    static func at(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    mutating func submit(_ waiter: Int, _ command: RedisCommand = RedisCommand("X"), by deadline: Int = 1000)
        -> Submission
    {
        submit(
            command,
            for: waiter,
            deadline: Self.at(deadline),
            now: Self.at(0),
            sinceBoot: Self.at(0)
        )
    }

    /// Loses the connection, one second after its last reply.
    mutating func disconnected(
        _ reason: RedisError.Reason,
        random: UInt64
    ) -> (failed: [(Int, RedisError)], delay: Interval) {
        disconnected(reason, random: random, sinceBoot: lastHeard + Self.settlingTime)
    }

    /// Connects, with the replies of a primary.
    mutating func becomeConnected() {
        connected(deadline: Self.at(1000), sinceBoot: Self.at(0))
        _ = received(.status("OK"))
        _ = received(.null)
        if needsMaster { _ = received(.role("master")) }
        _ = received(.status("PONG"))
    }

    /// Writes the output; returns the names of its commands.
    mutating func write() -> [String] {
        let text = output.withPending { pending in
            String(decoding: (0..<pending.count).map { pending[$0] }, as: UTF8.self)
        }
        output.consume(output.pendingCount)
        return text.split(separator: "*").map { String($0.split(separator: "\r\n")[2]) }
    }
}

extension RedisReply {
    static func role(_ name: String) -> RedisReply {
        .array([.string(Array(name.utf8)), .integer(0), .array([])])
    }
}
