import FunctionEventLoop

/// Messages to the operator, rate limited: a recurring cause is logged once and then once a minute with its count, and
/// only a few causes are logged a minute, however fast servers fail.
///
/// Used only on its client's loop. All connections of a client share one log, so that a new connection does not start
/// new counts.
final class OperatorLog: @unchecked Sendable {
    // Unchecked: only actors isolated to the loop use the bounds, and so only the loop's thread.
    private var bounds = OperatorLogBounds()
    /// Logs a fact that occurs once, or the end of a problem that was logged.
    let tell: @Sendable (String) -> Void

    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Logs a problem unless the same cause was logged within the last minute. Returns whether it was logged now.
    /// `details`, such as a duration, do not make it a different cause.
    @discardableResult func report(_ cause: String, _ details: String = "") -> Bool {
        guard let line = bounds.line(cause, details, now: .now) else { return false }
        tell(line)
        return true
    }
}

/// The rate limit of the log, as a value.
struct OperatorLogBounds {
    static let interval = Interval.seconds(60)
    /// Further causes in the same interval are only counted.
    static let maxCauses = 16

    private var said: [(cause: String, at: Instant, repetitions: Int)] = []
    private var others = 0

    /// The line to log; nil if the problem is only counted.
    mutating func line(_ cause: String, _ details: String = "", now: Instant) -> String? {
        var note = ""
        if let index = said.firstIndex(where: { $0.cause == cause }) {
            let age = now - said[index].at
            guard age >= Self.interval else {
                said[index].repetitions += 1
                return nil
            }
            if said[index].repetitions > 0 {
                note = " (\(said[index].repetitions) more times in the last \(age.milliseconds / 1000) s)"
            }
            said.remove(at: index)
        } else {
            if said.count >= Self.maxCauses { said.removeAll { now - $0.at >= Self.interval } }
            guard said.count < Self.maxCauses else {
                others += 1
                return nil
            }
            if others > 0 {
                note = " (and \(others) other problems)"
                others = 0
            }
        }
        said.append((cause, now, 0))
        return cause + details + note
    }
}
