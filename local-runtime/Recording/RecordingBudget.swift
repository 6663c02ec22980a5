import FunctionEventLoop

/// How many bytes all calls together may keep until they are recorded.
final class RecordingBudget: Sendable {
    static let standard = 64 << 20

    private let rest: Lock<Int>

    init(_ bytes: Int = standard) {
        rest = Lock(bytes)
    }

    /// Whether so many may be kept more.
    func take(_ bytes: Int) -> Bool {
        rest.withLock { rest in
            guard bytes <= rest else { return false }
            rest -= bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) {
        rest.withLock { $0 += bytes }
    }
}
