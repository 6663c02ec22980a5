/// The state machine of one execution environment: a value without I/O and without a clock.
///
///     starting ──next──▶ ready: waiting ──take──▶ running ──response──▶ responded ──next──▶ waiting …
///         └──────────────── init error, exit, timeout ─────────────────┴──▶ ended
///
/// It runs at most `slots` invocations at once: one, except on Managed Instances.
package struct EnvironmentState: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// From the start of the process until it asks for its first event.
        case starting
        case ready
        /// The process has ended, but what it sent before is still being read.
        case leaving
        case ended
    }

    /// How far an invocation has progressed.
    enum Progress: Hashable, Sendable {
        /// Waits until the process asks for it.
        case pending
        case running
        /// Its response or error is being received.
        case responding
        /// The response is complete, but the process has not asked for its next event yet.
        case responded
    }

    /// The effects of the process asking for its next event.
    struct Next: Hashable, Sendable {
        /// Whether it asked for the first time.
        var endsInit = false
        /// The invocations that are over now.
        var finished: [String] = []
        /// The invocation to hand out; nil if the process has to wait.
        var handed: String?
    }

    private struct Entry: Hashable, Sendable {
        let id: String
        var progress: Progress
    }

    package let slots: Int
    private(set) var phase = Phase.starting
    /// Oldest first.
    private var entries: [Entry] = []
    /// How many requests for an event wait.
    private var waiting = 0

    package init(slots: Int = 1) {
        self.slots = slots
    }

    /// Whether it can take one more invocation.
    package var hasRoom: Bool { isAlive && entries.count < slots }

    private var isAlive: Bool { phase == .starting || phase == .ready }

    /// Whether the process has responded to an invocation and is about to ask for its next event.
    var isAboutToBeFree: Bool { isAlive && entries.contains { $0.progress == .responded } }

    /// Whether the process has no work and waits for an event, so that it may be frozen.
    var isIdle: Bool { phase == .ready && entries.isEmpty && waiting > 0 }

    /// Takes an invocation; there must be room. Returns whether a request already waits, which then gets it.
    package mutating func take(_ id: String) -> Bool {
        precondition(hasRoom, "no room for an invocation")
        guard waiting > 0 else {
            entries.append(Entry(id: id, progress: .pending))
            return false
        }
        waiting -= 1
        entries.append(Entry(id: id, progress: .running))
        return true
    }

    /// The process asks for its next event; the invocations that it has responded to are over.
    mutating func askNext() throws(RuntimeAPIError) -> Next {
        guard isAlive else { throw transition(to: "Ready") }
        var next = Next(endsInit: phase == .starting)
        phase = .ready
        next.finished = entries.filter { $0.progress == .responded }.map(\.id)
        entries.removeAll { $0.progress == .responded }
        if let index = entries.firstIndex(where: { $0.progress == .pending }) {
            entries[index].progress = .running
            next.handed = entries[index].id
        } else if waiting + entries.count < slots {
            waiting += 1
        } else if let running = entries.last(where: { $0.progress == .running }) {
            // The response to an earlier request may have been lost, so hand out the same invocation again.
            next.handed = running.id
        } else {
            throw transition(to: "Ready")
        }
        return next
    }

    /// A waiting request went away before it got an event.
    mutating func abandonNext() {
        waiting = max(0, waiting - 1)
    }

    /// The process begins to send the response or the error of an invocation.
    mutating func beginResponse(to id: String) throws(RuntimeAPIError) {
        guard let index = entries.firstIndex(where: { $0.id == id }), entries[index].progress != .pending else {
            throw .invalidRequestID
        }
        guard entries[index].progress == .running else { throw transition(to: "InvocationResponse") }
        entries[index].progress = .responding
    }

    /// The response was received, or it broke off.
    mutating func endResponse(to id: String) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[index].progress = .responded
    }

    /// The process reports that its initialization failed.
    mutating func failInit() throws(RuntimeAPIError) {
        guard phase == .starting else { throw transition(to: "InitError") }
        phase = .ended
    }

    /// Drops an invocation that timed out; the others go on.
    package mutating func forget(_ id: String) {
        entries.removeAll { $0.id == id }
    }

    /// The process has ended by itself.
    mutating func leave() {
        if isAlive { phase = .leaving }
    }

    /// The process has ended and all it sent was read, or it is being killed.
    package mutating func end() {
        phase = .ended
        entries = []
        waiting = 0
    }

    private func transition(to target: String) -> RuntimeAPIError {
        .invalidTransition(from: name, to: target)
    }

    /// The platform's name for the state.
    private var name: String {
        switch (phase, entries.last?.progress) {
        case (.starting, _): "Started"
        case (.ended, _): "Ended"
        case (_, .running): "Running"
        case (_, .responding): "InvocationResponse"
        case (_, .responded): "ResponseSent"
        case (_, _): "Ready"
        }
    }
}
