/// What one execution environment is at: a value that does no I/O and asks no clock.
///
///     starting ──next──▶ ready: waiting ──take──▶ running ──response──▶ responded ──next──▶ waiting …
///         └──────────────── init error, exit, time-out ────────────────┴──▶ ended
///
/// It runs as many invocations at once as it has slots: one, but for Managed Instances.
package struct EnvironmentState: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// From the start of the process to the first time that it asks for an event.
        case starting
        case ready
        /// The process has ended; what it had sent before is still taken.
        case leaving
        case ended
    }

    /// How far an invocation has come.
    enum Progress: Hashable, Sendable {
        /// It waits for the process to ask for it.
        case pending
        case running
        /// Its response, or error, is being received.
        case responding
        /// The process has not asked for the next event yet.
        case responded
    }

    /// What an ask for the next event brings about.
    struct Next: Hashable, Sendable {
        /// It is the first one.
        var endsInit = false
        /// The invocations that are over with it.
        var finished: [String] = []
        /// The invocation that the asker is handed; nil if it has to wait.
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
    /// How many askers wait for an event.
    private var waiting = 0

    package init(slots: Int = 1) {
        self.slots = slots
    }

    /// Whether it can take one more invocation.
    package var hasRoom: Bool { isAlive && entries.count < slots }

    private var isAlive: Bool { phase == .starting || phase == .ready }

    /// Whether it has responded to an invocation, and the process is to ask for the next event.
    var isAboutToBeFree: Bool { isAlive && entries.contains { $0.progress == .responded } }

    /// Whether it has nothing to do, and the process waits for an event: it may be frozen.
    var isIdle: Bool { phase == .ready && entries.isEmpty && waiting > 0 }

    /// Takes an invocation, for which there is room; answers whether an asker waits, who is handed it.
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

    /// The process asks for the next event: what it has responded to is over.
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
            // An answer may have been lost on its way: whoever asks again is told again.
            next.handed = running.id
        } else {
            throw transition(to: "Ready")
        }
        return next
    }

    /// An asker has gone without having been handed anything.
    mutating func abandonNext() {
        waiting = max(0, waiting - 1)
    }

    /// The process begins to respond to an invocation, or to tell of its error.
    mutating func beginResponse(to id: String) throws(RuntimeAPIError) {
        guard let index = entries.firstIndex(where: { $0.id == id }), entries[index].progress != .pending else {
            throw .invalidRequestID
        }
        guard entries[index].progress == .running else { throw transition(to: "InvocationResponse") }
        entries[index].progress = .responding
    }

    /// The response was received, or broken off.
    mutating func endResponse(to id: String) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[index].progress = .responded
    }

    /// The process says that its initialization failed.
    mutating func failInit() throws(RuntimeAPIError) {
        guard phase == .starting else { throw transition(to: "InitError") }
        phase = .ended
    }

    /// Lets go of an invocation whose time is up, and leaves the others alone.
    package mutating func forget(_ id: String) {
        entries.removeAll { $0.id == id }
    }

    /// The process has ended, and nobody has asked it to.
    mutating func leave() {
        if isAlive { phase = .leaving }
    }

    /// The process has ended and everything of it was read, or it is being ended.
    package mutating func end() {
        phase = .ended
        entries = []
        waiting = 0
    }

    private func transition(to target: String) -> RuntimeAPIError {
        .invalidTransition(from: name, to: target)
    }

    /// What the platform calls it.
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
