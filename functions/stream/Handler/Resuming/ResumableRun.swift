import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

/// A run whose stream can be resumed, on the loop that owns it: pulls from the workflow, appends to the log, and wakes
/// its reader once an event is in the log. It goes on when its client leaves, until nobody has read it for its window.
///
/// Its task belongs to ``StreamFunction/maintain()``.
actor ResumableRun: LeasedStream {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    nonisolated let stream: OpenStream
    nonisolated let origin: RequestOrigin
    /// How long it can be resumed after nobody reads it any more, or after its end.
    nonisolated let window: Duration
    private let store: any RunStore
    private let report: StreamFunction.Report?
    /// Nil until the workflow begins.
    private var run: (any WorkflowRun)?
    private var beginning: LiveStream.Beginning?
    private let silence: Duration
    private var encoder: LogEncoder

    private var measure: LogMeasure
    private let budget: LogBudget
    /// What its log counts for in the budget.
    private(set) var logBytes = 0
    private var recent = RecentEvents()
    /// The last event that readers may be given: it is in the log, or there is no log any more.
    private var last = 0
    /// The last event in a log that was lost; nil while there is a log.
    private var lostBehind: Int?

    /// The latest reader anywhere, and the last event that it was given.
    private var latest = 1
    private var given = 0
    /// Wakes the latest reader, if it is on this loop.
    private var reader: Signal?
    /// Wakes the pump when it waits for a reader to take something.
    private let taken = Signal()
    private var awaitsRoom = false
    private var isConcluded = false
    /// Readers that have got the stream's end.
    private var finished: [CheckedContinuation<Void, Never>] = []

    private var stopReason: LiveStream.StopReason?
    private var isOver = false
    private var waiter: CheckedContinuation<Void, Never>?

    private actor OwnHome {}

    /// Of `run` and `beginning`, one is nil.
    init(
        _ stream: OpenStream,
        of origin: RequestOrigin,
        window: Duration,
        run: (any WorkflowRun)?,
        beginning: LiveStream.Beginning?,
        in store: any RunStore,
        report: StreamFunction.Report?,
        options: StreamOptions,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.stream = stream
        self.origin = origin
        self.window = window
        self.run = run
        self.beginning = beginning
        self.store = store
        self.report = report
        silence = options.heartbeat
        encoder = LogEncoder(eventLimit: LogMeasure.eventLimit(options.logBytes))
        measure = LogMeasure(limit: options.logBytes)
        budget = options.logs
    }

    nonisolated var id: RunID { RunID(stream.token, stream.attempt) }

    // Its readers have heartbeats of their own.
    func beat() {}

    /// Makes the run end at once, without waiting for that.
    func stop(_ reason: LiveStream.StopReason) {
        guard !isOver else { return }
        stopReason = stopReason ?? reason
        wake()
    }

    /// Runs until the workflow ends or ``stop(_:)``, and ends the workflow's run. ``conclude(_:)`` has to follow.
    func perform() async -> LiveStream.Outcome {
        let outcome = await withTaskGroup(of: LiveStream.Outcome.self) { group in
            group.addTask { await self.pump() }
            await self.waitForEnd()
            // The pump may be waiting for the workflow, or for its reader.
            group.cancelAll()
            return await group.next() ?? .ended(.interrupted)
        }
        await run?.cancel()
        guard let stopReason else { return outcome }
        return outcome.because(of: stopReason)
    }

    /// Puts the reason why the run ends early into the log, and keeps that for the window.
    func conclude(_ outcome: LiveStream.Outcome) async {
        switch outcome {
        case .refused(let refused): await log(encoder.encode(refused.told))
        case .ended(let ending): if let early = ending.early { await log(encoder.encode(early)) }
        }
        guard lostBehind == nil else { return }
        var isKept = true
        if case .unread? = stopReason {
            isKept = false
            giveBack()
        }
        // If it fails, the run's lease lapses; who reads the log to its end finds that all the same.
        try? await store.end(id, isKept: isKept)
    }

    /// Lets readers that have got the stream's end finish their responses.
    func release() {
        isConcluded = true
        for reader in finished { reader.resume() }
        finished = []
    }

    private func pump() async -> LiveStream.Outcome {
        defer {
            isOver = true
            wake()
        }
        do {
            if let beginning = beginning.take() { run = try await beginning() }
            guard let run else { return .ended(.interrupted) }
            try await withTaskCancellationHandler {
                try await logAll(run)
            } onCancel: {
                run.interrupt()
            }
            return .ended(.complete)
        } catch let refused as Refused {
            return .refused(refused)
        } catch let failure as WorkflowFailure {
            return .ended(StreamEnding(failure))
        } catch {
            return .ended(.logLost)
        }
    }

    private func logAll(_ run: any WorkflowRun) async throws {
        while true {
            try await makeRoom()
            let batch = await pull(run)
            await log(batch.events)
            if let failure = batch.failure { throw failure }
            if batch.isEnd { return }
        }
    }

    private struct Batch {
        var events: [LoggedEvent] = []
        var isEnd = false
        var failure: WorkflowFailure?
    }

    /// Thrown if the log is lost while nobody reads on this loop.
    private struct LogLost: Error {}

    /// The events of the next output, and of those that have come with it.
    private func pull(_ run: any WorkflowRun) async -> Batch {
        var batch = Batch()
        var byteCount = 0
        do throws(WorkflowFailure) {
            var next: WorkflowOutput? = try await run.next(within: silence)
            while let output = next {
                let events = try encoder.encode(output)
                batch.events += events
                batch.isEnd = output.isEnd
                byteCount += events.reduce(0) { $0 + $1.byteCount }
                next = batch.isEnd || byteCount >= measure.batch ? nil : try await run.nextAtOnce()
            }
        } catch {
            batch.failure = error
        }
        return batch
    }

    /// Appends events to the log, and lets readers have them once that is acknowledged.
    private func log(_ events: [LoggedEvent]) async {
        guard let newest = events.last else { return }
        if lostBehind == nil, await !append(events) { loseLog() }
        last = newest.number
        for event in events { measure.append(event.number, event.byteCount) }
        recent.append(events, keeping: lostBehind == nil ? nil : given)
        reader?.give()
    }

    private func append(_ events: [LoggedEvent]) async -> Bool {
        let bytes = events.reduce(0) { $0 + $1.byteCount }
        guard budget.take(bytes) else {
            // The record stays, so that who comes back is told; if that fails, both lapse.
            try? await store.drop(through: last, from: id)
            return false
        }
        logBytes += bytes
        return (try? await store.append(events, to: id)) == .appended
    }

    /// The stream goes on without a log, for as long as its reader stays.
    private func loseLog() {
        guard lostBehind == nil else { return }
        lostBehind = last
        giveBack()
        let cause = "its log is lost, or there is no room for it"
        report?(StreamEvent(origin: origin, kind: .unlogged(stream, cause: cause)))
    }

    private func giveBack() {
        budget.give(logBytes)
        logBytes = 0
    }

    /// Waits until the log, or without one the reader, has taken enough for the next output.
    private func makeRoom() async throws {
        while true {
            if lostBehind != nil {
                guard reader != nil else { throw LogLost() }
                guard recent.isFull(behind: given) else { return }
            } else if let number = makeRoomInLog() {
                // If it fails, the next one drops these too.
                try? await store.drop(through: number, from: id)
                continue
            } else if measure.hasRoom {
                return
            }
            awaitsRoom = true
            guard await taken.wait() else { throw WorkflowFailure.cancelled }
            awaitsRoom = false
        }
    }

    /// Drops what can be dropped; returns the last event of it.
    private func makeRoomInLog() -> Int? {
        let before = measure.byteCount
        defer {
            let dropped = min(before - measure.byteCount, logBytes)
            budget.give(dropped)
            logBytes -= dropped
        }
        return measure.makeRoom(given: given)
    }

    private func waitForEnd() async {
        await withCheckedContinuation { continuation in
            if isOver || stopReason != nil { return continuation.resume() }
            waiter = continuation
        }
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }
}

// MARK: - Leases

extension ResumableRun {
    /// What its owner renews each second; nil if there is no log to keep.
    var renewal: RunRenewal? {
        guard lostBehind == nil, !isOver else { return nil }
        return RunRenewal(id, reader: reader.map { _ in RunReaderState(number: latest, position: given) })
    }

    func take(_ standing: RunStanding) {
        switch standing {
        case .kept(let number, let position):
            guard number > latest else {
                if number == latest, reader == nil { take(position) }
                return
            }
            // A reader elsewhere.
            latest = number
            reader?.give()
            reader = nil
            take(position)
        case .unread: stop(.unread)
        case .stopped: stop(.stopped)
        case .lost:
            loseLog()
            if awaitsRoom { taken.give() }
            if reader == nil { stop(.logLost) }
        }
    }
}

// MARK: - Readers on the same loop

extension ResumableRun {
    /// Makes a reader the latest one, unless a later one came first. Nil if the log is lost: only the reader of that time
    /// can go on.
    func attach(_ number: Int, after position: Int) -> LocalReader? {
        guard lostBehind == nil else { return nil }
        let signal = Signal()
        if number >= latest {
            reader?.give()
            latest = number
            reader = signal
            take(position)
        }
        return LocalReader(run: self, number: number, signal: signal)
    }

    fileprivate func events(for number: Int, after position: Int) async -> Delivery {
        guard number == latest else { return .ended(.elsewhere) }
        take(position)
        if let events = recent.events(after: position) {
            return events.isEmpty ? .nothing : .events(Array(events), logged: lostBehind ?? .max)
        }
        let stored: [LoggedEvent]
        do throws(StoreError) {
            stored = try await store.events(of: id, after: position)
        } catch {
            return lostBehind == nil ? .later : .ended(.lost)
        }
        guard let first = stored.first else { return .ended(.lost) }
        return first.number == position + 1 ? .events(stored, logged: .max) : .ended(.tooLate)
    }

    /// Notes what the latest reader was given.
    private func take(_ position: Int) {
        given = position
        if awaitsRoom { taken.give() }
    }

    fileprivate func leave(_ number: Int, at position: Int) async {
        guard number == latest, reader != nil else { return }
        reader = nil
        take(position)
        guard lostBehind == nil else { return stop(.unread) }
        // At once, because the window begins now. If it fails, it begins when the reader's lease ends.
        _ = try? await store.renew(RunReaderState(number: number, position: position, isReading: false), of: id)
    }

    fileprivate func waitForConclusion() async {
        await withCheckedContinuation { continuation in
            if isConcluded { continuation.resume() } else { finished.append(continuation) }
        }
    }
}

/// A reader on the loop of its run's owner.
struct LocalReader: RunSource {
    fileprivate let run: ResumableRun
    fileprivate let number: Int
    fileprivate let signal: Signal

    func events(after position: Int) async -> Delivery {
        await run.events(for: number, after: position)
    }

    func wait() async -> Bool { await signal.wait() }
    func wake() { signal.give() }
    func finish() async { await run.waitForConclusion() }
    func leave(at position: Int) async { await run.leave(number, at: position) }
}

extension WorkflowOutput {
    fileprivate var isEnd: Bool {
        if case .end = self { true } else { false }
    }
}
