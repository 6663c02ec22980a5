import FunctionCore
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensTokenFunction

extension Fixture {
    /// How long it may take from what is given to an answer, in seconds.
    private static let patience = 5

    /// Why it cannot hold where functions go by Redis' own clock; nil if it can.
    var needForStillTime: String? {
        for case .advance in steps { return "time cannot be moved there: functions go by Redis' own clock" }
        let tokens = given.organizations.flatMap(\.tokens)
        guard !tokens.contains(where: { $0.state == .live && (1..<Self.patience).contains($0.ttl - $0.age) }) else {
            return "a token that is about to expire may do so before it is used there"
        }
        // Right after a window's end its requests still count as many, if there are few.
        let keys = given.organizations.flatMap(\.keys).filter { $0.used > 0 }
        guard keys.allSatisfy({ $0.used * Self.patience * 1000 < $0.rate.window }) else {
            return "requests that were made just now may count no more there"
        }
        return countsMints ? "a limit's window may pass there between two of its requests" : nil
    }

    /// Whether what is expected follows from how many tokens were minted within a window.
    private var countsMints: Bool {
        let mints = deliveries.filter { $0.event.example.path == TokenFunction.path }
        guard mints.reduce(0, { $0 + $1.times + ($1.again == nil ? 0 : 1) }) > 1 else { return false }
        let counts = steps.contains { step in
            guard case .parallel(_, let statuses?, _) = step, case .object(let members, _) = statuses.form else {
                return false
            }
            return members.contains { $0.name.hasSameBytes(as: "429") }
        }
        return counts || mints.contains(where: \.expectsCount)
    }
}

extension Delivery {
    fileprivate var expectsCount: Bool {
        [expectation, again].compactMap { $0?.example }.contains { expectation in
            if case .scalar(.number(429))? = expectation.status?.form { return true }
            return expectation.headers.contains { name, pattern in
                if case .scalar(.null) = pattern.form { return false }
                return name == "x-ratelimit-remaining"
            }
        }
    }
}
