package import FunctionCore

/// One step of a fixture.
package enum Step: Sendable {
    case deliver(Delivery)
    /// Moves the store's clock on.
    case advance(TimeSpan)
    /// All at once; `statuses` says how many answers there have to be of each status.
    case parallel([Delivery], statuses: Pattern?, at: JSONPointer)

    package var deliveries: [Delivery] {
        switch self {
        case .deliver(let delivery): [delivery]
        case .parallel(let deliveries, _, _): deliveries
        case .advance: []
        }
    }
}

/// An event that is delivered, and what has to come of it.
package struct Delivery: Sendable {
    /// For others to refer to its answer.
    package var name: String?
    package let event: Template<Request>
    package var faults = Faults.none
    package var expectation: Template<Expectation>?
    /// What has to come of it when it is delivered once more.
    package var again: Template<Expectation>?
    /// How many at once.
    package var times = 1
    /// Where it stands; the root for an event by itself.
    package var pointer = JSONPointer.root

    /// Whether an answer is expected to be broken off.
    package var breaksOff: Bool {
        expectation?.example.isComplete == false || again?.example.isComplete == false
    }
}
