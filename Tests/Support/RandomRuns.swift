package import StreamTokens
import Testing

/// Runs the same random operations of tokens, owners and readers of resumable runs, and steps of time, on two stores,
/// whose outcomes must be the same.
package struct RandomRuns {
    /// The seeds of a run of the tests: few, or with `LONG=1` in the environment many.
    package static let seeds = UInt64(1)...(LongRun.isOn ? 500 : 20)
    private static let operations = 400
    private static let steps = [0, 1, 999, 1000, 4999, 5000, 10_000, 14_999, 15_000, 30_000, 60_000, 120_000]
    private static let window = 10_000

    package typealias Store = StoreFixture.Store & RunStore

    private let model: any Store
    private let subject: any Store
    private let clock: ManualClock

    /// `model` defines the expected outcomes, `subject` is under test, and both use `clock`.
    package init(model: any Store, subject: any Store, clock: ManualClock) {
        self.model = model
        self.subject = subject
        self.clock = clock
    }

    private struct Operation {
        let text: String
        /// The last event that it appends, or drops.
        var end: Int?
        var dropped: Int?
        let perform: (any Store) async throws -> AnyHashable
    }

    /// What was appended to a run: the numbers at which appends ended.
    private struct Log {
        var ends: [Int] = []
        var dropped = 0
        var last: Int { ends.last ?? 0 }
    }

    /// Runs until the first difference, if there is one, and removes what it has made. Returns how often each kind of
    /// outcome came.
    @discardableResult
    package func run(seed: UInt64) async throws -> [String: Int] {
        var random = SeededGenerator(seed: seed)
        let bits: RandomBits = { .random(in: 0 ... .max) }
        let tag = StreamTokens.Tag.random(bits)
        let name = "organization \(tag)"
        let key = APIKey.random(tag: tag, bits).key
        for store in [model, subject] {
            _ = try await store.organization(named: name) { tag }
            try await store.addKey(key, limit: RateLimit(limit: 1000, window: 1000))
        }
        let runs = (0..<3).map { _ in RunID(StreamToken.random(tag: tag, bits).token, .random(bits)) }
        var logs: [RunID: Log] = [:]
        var history: [String] = []
        var outcomes: [String: Int] = [:]
        for _ in 0..<Self.operations {
            if Int.random(in: 0..<7, using: &random) == 0 {
                clock.advance(Self.steps.randomElement(using: &random) ?? 0)
            }
            let run = runs[Int.random(in: runs.indices, using: &random)]
            let operation = self.operation(run, key, name, logs[run] ?? Log(), isBound: run == runs[2], &random)
            history.append("\(clock.now): \(runs.firstIndex(of: run) ?? 0) \(operation.text)")
            let expected = try await operation.perform(model)
            let outcome = try await operation.perform(subject)
            if let end = operation.end, expected == AnyHashable(AppendOutcome.appended) {
                logs[run, default: Log()].ends.append(end)
            }
            if let dropped = operation.dropped, dropped > logs[run]?.dropped ?? 0 { logs[run]?.dropped = dropped }
            if operation.text == "remove" { logs[run] = nil }
            outcomes["\(operation.text.prefix { $0 != " " }) \(expected)", default: 0] += 1
            guard outcome == expected else {
                let last = history.suffix(30).joined(separator: "\n")
                Issue.record(
                    "With seed \(seed) the stores differ after\n\(last)\nmodel: \(expected)\nstore: \(outcome)"
                )
                break
            }
        }
        try await subject.removeOrganization(named: name)
        return outcomes
    }

    private func operation(
        _ run: RunID,
        _ key: APIKey,
        _ name: String,
        _ log: Log,
        isBound: Bool,
        _ random: inout SeededGenerator
    ) -> Operation {
        let (token, attempt) = (run.token, run.attempt)
        let number = Int.random(in: 0...log.last + 1, using: &random)
        let reader = RunReaderState(
            number: Int.random(in: 0...4, using: &random),
            position: number,
            isReading: Bool.random(using: &random)
        )
        let isAllowed = Int.random(in: 0..<4, using: &random) != 0
        // The third run is for pages of two origins only.
        let origins = isBound ? ["https://a.example", "https://b.example"] : []
        switch Int.random(in: 0..<100, using: &random) {
        case ..<8: return Operation(text: "mint") { try await $0.mint(token, with: key, ttl: 300) }
        case ..<18: return Operation(text: "reserve") { try await $0.reserve(token, for: attempt, lease: 15_000) }
        case ..<28: return Operation(text: "commit") { try await $0.commit(token, for: attempt) }
        case ..<30:
            return Operation(text: "release") {
                try await $0.release(token, for: attempt)
                return 0
            }
        case ..<31: return Operation(text: "revoke") { try await $0.revoke(token) }
        case ..<32: return Operation(text: "revokeAll") { try await $0.revokeTokens(of: name) }
        case ..<42:
            return Operation(text: "begin") {
                try await $0.begin(run, RunTerms(workflow: "chat", window: Self.window, origins: origins))
                return 0
            }
        case ..<57: return append(to: run, log, &random)
        case ..<60:
            let end = ([0] + log.ends).randomElement(using: &random) ?? 0
            return Operation(text: "drop \(end)", dropped: end) {
                try await $0.drop(through: end, from: run)
                return 0
            }
        case ..<64: return Operation(text: "events \(number)") { try await $0.events(of: run, after: number) }
        case ..<74:
            let known = Bool.random(using: &random) ? reader : nil
            return Operation(text: "renewOwner \(String(describing: known))") {
                try await $0.renew([RunRenewal(run, reader: known)], of: token.tag)
            }
        case ..<87:
            let workflow = Int.random(in: 0..<8, using: &random) == 0 ? "other" : "chat"
            return Operation(text: "attach \(number) \(workflow)") {
                try await $0.attach(to: run, of: workflow, after: number, isAllowed: isAllowed)
            }
        case ..<94: return Operation(text: "renewReader \(reader)") { try await $0.renew(reader, of: run) }
        case ..<96: return Operation(text: "stop") { try await $0.stop(run, of: "chat", isAllowed: isAllowed) }
        case ..<97: return Operation(text: "lose") { try await $0.lose(run) }
        case ..<99:
            return Operation(text: "end") {
                try await $0.end(run, isKept: true)
                return 0
            }
        default:
            return Operation(text: "remove") {
                try await $0.end(run, isKept: false)
                return 0
            }
        }
    }

    /// The next events, or a repetition of the last ones.
    private func append(to run: RunID, _ log: Log, _ random: inout SeededGenerator) -> Operation {
        // An owner drops only what it knows to be there, so it never repeats what it has dropped.
        let isRepetition = log.ends.count > 1 && log.dropped < log.last && Int.random(in: 0..<4, using: &random) == 0
        let first = (isRepetition ? log.ends[log.ends.count - 2] : log.last) + 1
        let last = isRepetition ? log.last : log.last + Int.random(in: 1...3, using: &random)
        let events = (first...last).map { number in
            LoggedEvent(number: number, front: "f\(number)", block: Array("data: \(number)\n\n".utf8))
        }
        return Operation(text: "append \(first)...\(last)", end: isRepetition ? nil : last) {
            try await $0.append(events, to: run)
        }
    }
}
