import Function

/// One step of a fixture.
enum Step: Sendable {
    case deliver(Delivery)
    /// Moves the store's clock on.
    case advance(TimeSpan)
    /// All at once; `statuses` says how many answers there have to be of each status.
    case parallel([Delivery], statuses: Pattern?, at: JSONPointer)

    var deliveries: [Delivery] {
        switch self {
        case .deliver(let delivery): [delivery]
        case .parallel(let deliveries, _, _): deliveries
        case .advance: []
        }
    }
}

/// An event that is delivered, and what has to come of it.
struct Delivery: Sendable {
    /// For others to refer to its answer.
    var name: String?
    let event: Template<Request>
    var faults = Faults.none
    var expectation: Template<Expectation>?
    /// What has to come of it when it is delivered once more.
    var again: Template<Expectation>?
    /// How many at once.
    var times = 1
    /// Where it stands; the root for an event by itself.
    var pointer = JSONPointer.root

    /// Whether an answer is expected to be broken off.
    var breaksOff: Bool {
        expectation?.example.isComplete == false || again?.example.isComplete == false
    }
}
