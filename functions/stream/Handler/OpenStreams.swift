import FunctionCore
import StreamTokens
import StreamTokensRedemption

/// A stream whose lease this instance renews.
protocol LeasedStream: Actor {
    nonisolated var stream: OpenStream { get }
    /// The request that has opened it.
    nonisolated var origin: RequestOrigin { get }
    /// Writes a heartbeat if one is due and nothing else would; called once a second while the workflow has not begun.
    func beat()
    /// Makes the stream end at once, without waiting for that.
    func stop(_ reason: LiveStream.StopReason)
}

/// The open streams of this instance, and those that wait for their workflows.
actor OpenStreams {
    private let store: any TokenStore
    private let report: StreamFunction.Report?
    private var streams: [Attempt: Open] = [:]
    /// Streams whose tokens are only reserved yet, with leases that have to be renewed.
    private var waiting: [Attempt: Waiting] = [:]
    /// Runs whose streams can be resumed, also those that wait for their workflow.
    private var runs: [Attempt: ResumableRun] = [:]
    private let runStore: (any RunStore)?
    private let budget: LogBudget
    private let clock: any Clock<Duration>
    /// The logs of runs that have ended.
    private var kept: [Kept] = []
    /// Given when the last run has ended.
    private let emptied = Signal()
    /// Runs for the task that has them all, and what wakes it.
    private var arrivals: [ResumableRun] = []
    private let arrival = Signal()
    /// False once the task that runs resumable streams ends.
    private(set) var ownsRuns = true
    private let unsettled: UnsettledAttempts
    private var isRenewing = false

    /// An open stream, and how long it has been open and may be.
    private struct Open {
        let stream: any LeasedStream
        let age: Stopwatch
        let maxAge: Duration
    }

    /// A stream that waits for its workflow. `live` is nil if its response waits as well.
    private struct Waiting {
        let stream: OpenStream
        let live: (any LeasedStream)?
    }

    /// The bytes of a log, how long ago its run has ended, and how long it is kept.
    private struct Kept {
        let bytes: Int
        let age: Stopwatch
        let window: Duration
    }

    /// The most streams that are renewed in one call: Redis does nothing else during a call.
    private static let maxPerCall = 200

    init(
        store: any TokenStore,
        unsettled: UnsettledAttempts,
        runs: (any RunStore)?,
        logs: LogBudget,
        clock: any Clock<Duration>,
        report: StreamFunction.Report?
    ) {
        self.store = store
        self.unsettled = unsettled
        runStore = runs
        budget = logs
        self.clock = clock
        self.report = report
    }

    /// Adds a stream once its token is committed, for at most `maxAge` of which `age` has passed.
    func open(_ stream: any LeasedStream, lasting maxAge: Duration, since age: Stopwatch) {
        waiting[stream.stream.attempt] = nil
        streams[stream.stream.attempt] = Open(stream: stream, age: age, maxAge: maxAge)
    }

    /// Adds a stream whose token is reserved, and whose response begins before its workflow.
    func wait(_ stream: any LeasedStream) {
        waiting[stream.stream.attempt] = Waiting(stream: stream.stream, live: stream)
    }

    /// Renews a reservation until it is committed or released, while its response waits for the workflow.
    func hold(_ stream: OpenStream) {
        waiting[stream.attempt] = Waiting(stream: stream, live: nil)
    }

    /// Counts a stream as open that was waiting, once its token is committed.
    func commit(_ attempt: Attempt, lasting maxAge: Duration, since age: Stopwatch) {
        guard let stream = waiting.removeValue(forKey: attempt)?.live else { return }
        open(stream, lasting: maxAge, since: age)
    }

    /// Stops renewing a reservation that is about to be released. Does nothing for any other attempt.
    func stopWaiting(_ attempt: Attempt) {
        waiting[attempt] = nil
    }

    /// Runs a stream to its end. This is the body of its response.
    func run(_ stream: LiveStream, to writer: any BodyWriter) async throws {
        switch await stream.transfer(to: writer) {
        case .refused(let refused): try await end(stream, refused, to: writer)
        case .ended(let ending): try await end(stream, ending, to: writer)
        }
    }

    /// Ends a stream that was opened at once, and whose token is released.
    private func end(_ stream: LiveStream, _ refused: Refused, to writer: any BodyWriter) async throws {
        remove(stream, refused)
        try await stream.sendRefusal(refused.told, to: writer)
    }

    private func end(_ stream: LiveStream, _ ending: StreamEnding, to writer: any BodyWriter) async throws {
        remove(stream, ending)
        // Concurrently, so that a store that is away does not delay the client.
        async let end: Void = end(stream.stream)
        if let early = ending.early { try await stream.sendEarlyEnd(early, to: writer) }
        // A client that sees the end of its stream may open the next one at once.
        _ = await end
    }

    /// Removes a stream that was opened at once, and whose token is released, and reports it.
    private func remove(_ stream: any LeasedStream, _ refused: Refused) {
        waiting[stream.stream.attempt] = nil
        guard let refusal = refused.refusal else { return }
        let status = refused.told.status.code
        let failed = StreamEvent.Kind.failed(stream.stream, refusal, status: status, cause: refused.cause)
        report?(StreamEvent(origin: stream.origin, kind: failed))
    }

    /// Removes a stream that has ended, and reports it.
    private func remove(_ stream: any LeasedStream, _ ending: StreamEnding) {
        let lasted = streams.removeValue(forKey: stream.stream.attempt)?.age.elapsed ?? .zero
        let ended = StreamEvent.Kind.ended(early: ending.early, cause: ending.cause, lasted: lasted)
        report?(StreamEvent(origin: stream.origin, kind: ended))
    }

    /// Removes a stream from its organization's count: now, or once the store is back.
    private func end(_ stream: OpenStream) async {
        do throws(StoreError) {
            try await store.end(stream.attempt, of: stream.token.tag)
        } catch {
            await unsettled.leave(ended: stream)
        }
    }

    /// Ends the streams that have reached their maximum age, and forgets the logs of those that have ended long ago.
    func endOverdue() async {
        forgetLogs()
        for open in streams.values where open.age.elapsed >= open.maxAge { await open.stream.stop(.tooLong) }
    }

    /// Writes heartbeats to clients whose workflows have not begun.
    func beat() async {
        for stream in waiting.values { await stream.live?.beat() }
    }

    /// Renews the leases of all streams, open or waiting, and ends those that were revoked or have lost their
    /// reservation. Does nothing if a renewal is running. While the store is away, streams go on.
    func renew() async {
        guard !isRenewing else { return }
        isRenewing = true
        defer { isRenewing = false }
        let all = streams.values.map(\.stream.stream) + waiting.values.map(\.stream)
        let organizations = Dictionary(grouping: all, by: \.token.tag)
        await withDiscardingTaskGroup { group in
            if !runs.isEmpty { group.addTask { await self.renewRuns() } }
            for (tag, streams) in organizations {
                for start in stride(from: 0, to: streams.count, by: Self.maxPerCall) {
                    let part = Array(streams[start..<min(start + Self.maxPerCall, streams.count)])
                    group.addTask { await self.renew(part, of: tag) }
                }
            }
        }
    }

    private func renew(_ part: [OpenStream], of tag: Tag) async {
        // A stream that has ended since must not return to its organization's count.
        let open = part.filter { streams[$0.attempt] != nil }
        let reserved = part.filter { waiting[$0.attempt] != nil }
        guard !open.isEmpty || !reserved.isEmpty,
            let lost = try? await store.renew(open, reserved: reserved, of: tag)
        else { return }
        for each in lost {
            // Without a stream, the commit finds out.
            let stream = streams[each.attempt]?.stream ?? waiting[each.attempt]?.live
            await stream?.stop(.lost(each.reason))
        }
    }

    /// Runs the resumable streams of this instance, until its task is cancelled: then they are interrupted.
    func ownRuns() async {
        await withDiscardingTaskGroup { group in
            repeat {
                start(in: &group)
            } while await arrival.wait()
            ownsRuns = false
            start(in: &group)
        }
    }

    private func start(in group: inout DiscardingTaskGroup) {
        for run in arrivals { group.addTask { await self.own(run) } }
        arrivals = []
    }

    /// Takes over a run, which is open or waits. Returns false if no task is there to run it: it has to be forgotten.
    func add(_ run: ResumableRun) -> Bool {
        guard ownsRuns else { return false }
        runs[run.stream.attempt] = run
        arrivals.append(run)
        arrival.give()
        return true
    }

    /// The run of an attempt on this loop; nil if there is none, or it has ended.
    func run(of attempt: Attempt) -> ResumableRun? {
        runs[attempt]
    }

    private func own(_ run: ResumableRun) async {
        let outcome = await run.perform()
        switch outcome {
        case .refused(let refused):
            remove(run, refused)
            await run.conclude(outcome)
        case .ended(let ending):
            remove(run, ending)
            async let end: Void = end(run.stream)
            await run.conclude(outcome)
            await end
        }
        let bytes = await run.logBytes
        if bytes > 0 { kept.append(Kept(bytes: bytes, age: Stopwatch(clock), window: run.window)) }
        runs[run.stream.attempt] = nil
        if runs.isEmpty { emptied.give() }
        await run.release()
    }

    /// Returns once no run goes on, or its caller's task is cancelled.
    func whenNoRuns() async {
        while !runs.isEmpty { guard await emptied.wait() else { return } }
    }

    /// Counts logs no more that cannot be read any more.
    private func forgetLogs() {
        kept.removeAll { each in
            guard each.age.elapsed >= each.window else { return false }
            budget.give(each.bytes)
            return true
        }
    }

    /// Renews the leases of resumable runs and of their readers. While the store is away, they go on.
    private func renewRuns() async {
        guard let runStore else { return }
        var renewals: [RunRenewal] = []
        for run in runs.values { if let renewal = await run.renewal { renewals.append(renewal) } }
        await withDiscardingTaskGroup { group in
            for (tag, all) in Dictionary(grouping: renewals, by: \.run.token.tag) {
                for start in stride(from: 0, to: all.count, by: Self.maxPerCall) {
                    let part = Array(all[start..<min(start + Self.maxPerCall, all.count)])
                    group.addTask { await self.renew(part, of: tag, in: runStore) }
                }
            }
        }
    }

    private func renew(_ part: [RunRenewal], of tag: Tag, in runStore: any RunStore) async {
        guard let standings = try? await runStore.renew(part, of: tag) else { return }
        for (renewal, standing) in zip(part, standings) { await runs[renewal.run.attempt]?.take(standing) }
    }
}
