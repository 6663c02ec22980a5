/// The memory store's data about a run. Times are milliseconds since 1970.
struct RunState: Sendable {
    let tag: Tag
    let terms: RunTerms
    /// How long it can be resumed after nobody reads it any more, or after its end.
    var window: Int { terms.window }
    /// The end of the owner's lease.
    private var lease: Int
    /// The latest reader's number, the last event that it was given, and the end of its lease.
    private(set) var reader = 1
    private var position = 0
    private var until: Int
    private var ended: Int?
    /// Whether it was taken away from its owner.
    private var isLost = false
    /// Whether its client has asked for its end.
    private var isStopped = false
    private var log: [LoggedEvent] = []
    private var last = 0

    init(tag: Tag, _ terms: RunTerms, at now: Int) {
        self.tag = tag
        self.terms = terms
        lease = now + Lifetime.stream
        until = now + Lifetime.reader
    }

    /// Whether it can be resumed as a run of that workflow.
    private func isResumable(by workflow: String, at now: Int) -> Bool {
        // Names of workflows are ASCII.
        now < (ended ?? until) + window && terms.workflow == workflow
    }

    /// Whether the store must still have it: an owner that slept may come back to it.
    func isKept(at now: Int) -> Bool {
        now < (ended ?? max(until, lease)) + window
    }

    /// Appends events; returns their bytes, and nil if they do not follow the last one.
    mutating func append(_ events: [LoggedEvent]) -> Int? {
        guard let first = events.first, let newest = events.last else { return nil }
        // A repetition.
        if newest.number <= last { return 0 }
        guard ended == nil, !isLost, first.number == last + 1 else { return nil }
        log += events
        last = newest.number
        return Self.byteCount(of: events[...])
    }

    /// Drops events; returns their bytes.
    mutating func drop(through number: Int) -> Int {
        let count = log.firstIndex { $0.number > number } ?? log.count
        defer { log.removeFirst(count) }
        return Self.byteCount(of: log[..<count])
    }

    func events(after number: Int) -> [LoggedEvent] {
        // Numbers have no gaps.
        let start = log.first.map { max(0, number + 1 - $0.number) } ?? 0
        return Array(log.dropFirst(start))
    }

    /// The bytes of its log.
    var byteCount: Int { Self.byteCount(of: log[...]) }

    /// Renews the owner's lease, and that of the reader that the owner knows of.
    mutating func renewLease(with reader: RunReaderState?, at now: Int) -> RunStanding {
        guard ended == nil, !isLost else { return .lost }
        lease = now + Lifetime.stream
        if let reader { _ = take(reader, at: now) }
        if isStopped { return .stopped }
        return now < until + window ? .kept(reader: self.reader, position: position) : .unread
    }

    mutating func renew(_ state: RunReaderState, at now: Int) -> ReaderStanding {
        take(state, at: now) ? .current(isOwned: ended != nil || now < lease) : .displaced
    }

    /// Takes a reader's state, unless there is a later reader.
    private mutating func take(_ state: RunReaderState, at now: Int) -> Bool {
        guard state.number == reader else { return false }
        position = state.position
        until = state.isReading ? now + Lifetime.reader : min(until, now)
        return true
    }

    /// Makes room for a new reader, for whom the token's policy names `user`.
    mutating func attach(
        to workflow: String,
        after number: Int,
        isAllowed: Bool,
        _ user: String?,
        at now: Int
    ) -> AttachOutcome {
        guard isResumable(by: workflow, at: now), number <= last else { return .refused }
        guard isAllowed || terms.origins.isEmpty else { return .bound(to: terms.origins) }
        reader += 1
        position = number
        until = now + Lifetime.reader
        return .attached(reader: reader, user: user)
    }

    /// Asks for its end.
    mutating func stop(_ workflow: String, isAllowed: Bool, at now: Int) -> StopOutcome {
        guard isResumable(by: workflow, at: now) else { return .refused }
        guard isAllowed || terms.origins.isEmpty else { return .bound(to: terms.origins) }
        isStopped = true
        return .stopped
    }

    /// Returns whether it goes on to be kept for its window from now on.
    mutating func end(at now: Int) -> Bool {
        guard ended == nil, !isLost else { return false }
        ended = now
        return true
    }

    /// Takes it away from its owner, if the owner's lease has ended before the run; returns whether it is lost.
    mutating func lose(at now: Int) -> Bool {
        if ended == nil, lease <= now { isLost = true }
        return isLost
    }

    private static func byteCount(of events: ArraySlice<LoggedEvent>) -> Int {
        events.reduce(0) { $0 + $1.byteCount }
    }
}

/// The runs of all organizations, whose logs are bounded together.
struct RunStates: Sendable {
    private(set) var states: [Attempt: RunState] = [:]
    /// The bytes of all logs.
    private(set) var byteCount = 0
    /// The number of runs at which those that have lapsed are removed.
    private var sweepCount = 256

    /// The most bytes of all logs.
    static let maxBytes = 256 << 20

    subscript(_ attempt: Attempt) -> RunState? {
        get { states[attempt] }
        set { states[attempt] = newValue }
    }

    mutating func begin(_ attempt: Attempt, _ state: RunState, at now: Int) {
        if states.count >= sweepCount || byteCount > Self.maxBytes / 2 {
            remove { !$0.isKept(at: now) }
            // Each sweep is followed by as many runs as it left, unless memory is short.
            sweepCount = max(256, states.count * 2)
        }
        states[attempt] = states[attempt] ?? state
    }

    /// Appends events to a log; nil if all logs together have no room for them.
    mutating func append(_ events: [LoggedEvent], to attempt: Attempt) -> AppendOutcome? {
        let size = events.reduce(0) { $0 + $1.byteCount }
        guard byteCount + size <= Self.maxBytes else { return nil }
        guard let count = states[attempt]?.append(events) else { return .lost }
        byteCount += count
        return .appended
    }

    mutating func drop(through number: Int, from attempt: Attempt) {
        byteCount -= states[attempt]?.drop(through: number) ?? 0
    }

    mutating func remove(_ attempt: Attempt) {
        byteCount -= states.removeValue(forKey: attempt)?.byteCount ?? 0
    }

    mutating func remove(where isRemoved: (RunState) -> Bool) {
        states = states.filter { !isRemoved($0.value) }
        byteCount = states.values.reduce(0) { $0 + $1.byteCount }
    }
}
