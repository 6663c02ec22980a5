import FunctionBytes
import FunctionCore

/// Two workflows to try streams with.
///
/// - `echo` outputs its variable `text` word by word.
/// - `count` counts from 1 to its variable `to`, one number per line.
///
/// Both wait `interval_ms` between pieces. Numbers may be strings, as they are in a query.
package struct BuiltInWorkflows: Workflow {
    private let clock: any Clock<Duration>

    package init(clock: any Clock<Duration>) {
        self.clock = clock
    }

    package func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        switch call.workflow {
        case "echo":
            guard case .string(let text)? = call["text"] else {
                throw .rejected("text must be a string", variable: VariableName("text"))
            }
            let words = Self.words(of: text)
            return PacedRun(words.count, try Self.interval(call, default: 0), clock) { Array(words[$0].utf8) }
        case "count":
            let count = try Self.integer(call, "to", in: 0...1_000_000_000, default: 10)
            return PacedRun(count, try Self.interval(call, default: 100), clock) { Array("\($0 + 1)\n".utf8) }
        default:
            throw .notFound
        }
    }

    /// Cuts the text after the whitespace that follows each word, so that the pieces add up to the text.
    private static func words(of text: String) -> [Substring] {
        var words: [Substring] = []
        // By scalars, because a single character may be as long as the text.
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let word = rest.prefix { $0.properties.isWhitespace }.endIndex
            let blank = rest[word...].prefix { !$0.properties.isWhitespace }.endIndex
            let end = rest[blank...].prefix { $0.properties.isWhitespace }.endIndex
            words.append(Substring(rest[..<end]))
            rest = rest[end...]
        }
        return words
    }

    private static func interval(_ call: WorkflowCall, default value: Int) throws(WorkflowFailure) -> Duration {
        .milliseconds(try integer(call, "interval_ms", in: 0...60_000, default: value))
    }

    private static func integer(
        _ call: WorkflowCall,
        _ name: String,
        in range: ClosedRange<Int>,
        default value: Int
    ) throws(WorkflowFailure) -> Int {
        let number: Int? =
            switch call[name] {
            case nil: value
            case .number(let number)?: Int(exactly: number)
            case .string(let text)? where text.utf8.allSatisfy(\.isDigit):
                Int(text)
            default: nil
            }
        guard let number, range.contains(number) else {
            throw .rejected(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)",
                variable: VariableName(name)
            )
        }
        return number
    }
}

/// A run that outputs a number of pieces at a fixed interval.
actor PacedRun: WorkflowRun {
    private let count: Int
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let piece: @Sendable (Int) -> [UInt8]
    private var index = 0
    /// The time left until the next piece.
    private var wait = Duration.zero
    private var isCancelled = false

    /// `piece` makes the piece with a number, counted from 0; it must not be empty.
    init(
        _ count: Int,
        _ interval: Duration,
        _ clock: any Clock<Duration>,
        piece: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.count = count
        self.interval = interval
        self.clock = clock
        self.piece = piece
    }

    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
        guard !isCancelled, !Task.isCancelled else { throw .cancelled }
        guard index < count else { return .end }
        let pause = min(wait, limit)
        if pause > .zero {
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw .cancelled
            }
            wait -= pause
            guard wait <= .zero else { return .silence }
        }
        defer {
            index += 1
            wait = interval
        }
        return .bytes(piece(index))
    }

    func cancel() {
        isCancelled = true
    }
}
