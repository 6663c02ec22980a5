/// What attempts hold, each until its lease ends.
struct Leases: Sendable {
    private var ends: [Attempt: Int] = [:]

    /// How many have not ended at `now`.
    func count(at now: Int) -> Int {
        ends.values.count { now < $0 }
    }

    /// Adds a lease or renews it, and drops those that have ended at `now`.
    mutating func add(_ attempt: Attempt, until end: Int, at now: Int) {
        ends = ends.filter { now < $0.value }
        ends[attempt] = end
    }

    mutating func remove(_ attempt: Attempt) {
        ends[attempt] = nil
    }
}
