import FunctionEventLoop

/// What the operator is told of, within bounds: a cause that comes again and again is said once, then once a minute with
/// its count, and in all a few causes a minute, however fast servers fail.
///
/// Lives on its client's loop: whoever speaks to the operator does so there. All of a client share one, so that a
/// connection that is made anew does not begin anew.
final class OperatorLog: @unchecked Sendable {
    // Unchecked: the bounds are touched on the loop's thread alone, by actors that are isolated to it.
    private var bounds = ComplaintBounds()
    /// Says what is true once, or answers a complaint that was said.
    let tell: @Sendable (String) -> Void

    init(_ tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Says what is wrong, unless it was said within the last minute. Returns whether it was said now. `details`, such as
    /// how long it took, make no other cause.
    @discardableResult func complain(_ cause: String, _ details: String = "") -> Bool {
        guard let line = bounds.line(cause, details, now: .now) else { return false }
        tell(line)
        return true
    }
}

/// How often what is said, as a value.
struct ComplaintBounds {
    static let interval = Interval.seconds(60)
    /// More different causes in one interval are counted only.
    static let maxCauses = 16

    private var said: [(cause: String, at: Instant, repetitions: Int)] = []
    private var others = 0

    /// The line to say; nil if it is to be counted only.
    mutating func line(_ cause: String, _ details: String = "", now: Instant) -> String? {
        var note = ""
        if let index = said.firstIndex(where: { $0.cause == cause }) {
            let age = now - said[index].at
            guard age >= Self.interval else {
                said[index].repetitions += 1
                return nil
            }
            if said[index].repetitions > 0 {
                note = " (\(said[index].repetitions) times more in the last \(age.milliseconds / 1000) s)"
            }
            said.remove(at: index)
        } else {
            if said.count >= Self.maxCauses { said.removeAll { now - $0.at >= Self.interval } }
            guard said.count < Self.maxCauses else {
                others += 1
                return nil
            }
            if others > 0 {
                note = " (and \(others) times something else)"
                others = 0
            }
        }
        said.append((cause, now, 0))
        return cause + details + note
    }
}
