import FunctionCore
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensTokenFunction

extension Fixture {
    /// The most time from setting up the given state to a response, in seconds.
    private static let maxDelay = 5

    /// Why the fixture may fail where the functions use Redis' own clock; nil if it cannot.
    var needForStillTime: String? {
        for case .advance in steps { return "time cannot be moved there: the functions use Redis' own clock" }
        let tokens = given.organizations.flatMap(\.tokens)
        guard !tokens.contains(where: { $0.state == .live && (1..<Self.maxDelay).contains($0.ttl - $0.age) }) else {
            return "a token that is about to expire may expire there before it is used"
        }
        // A few requests still count as many right after the end of their window.
        let keys = given.organizations.flatMap(\.keys).filter { $0.used > 0 }
        guard keys.allSatisfy({ $0.used * Self.maxDelay * 1000 < $0.rate.window }) else {
            return "requests that were made just now may no longer count there"
        }
        return countsMints ? "a limit's window may pass there between two of its requests" : nil
    }

    /// Whether an expectation depends on how many tokens were minted within a window.
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
