import StreamTokens

/// The log of a run that another loop or process owns, or that has ended: read from the store to its end, and from then
/// on together with all others that this loop follows.
actor FollowedLog: RunSource {
    private nonisolated let home: any Actor
    nonisolated var unownedExecutor: UnownedSerialExecutor { home.unownedExecutor }

    private let poller: LogPoller
    private let run: RunID
    /// The reader's number.
    private let number: Int
    private let clock: any Clock<Duration>
    /// The last event that the client was given.
    private var position = 0
    private var sinceRenewal: Stopwatch
    /// Whether all of the log was read, so that the poller says what follows.
    private var isAtEnd = false
    /// What the poller has found, and was not looked at yet.
    private var polled: Polled?
    /// Whether the run goes on or has ended, as far as its owner has told in time.
    private var isOwned = true

    private var store: any RunStore { poller.store }

    private actor OwnHome {}

    init(
        of run: RunID,
        by poller: LogPoller,
        for number: Int,
        clock: any Clock<Duration>,
        isolation: (any Actor)? = #isolation
    ) {
        home = isolation ?? OwnHome()
        self.run = run
        self.poller = poller
        self.number = number
        self.clock = clock
        sinceRenewal = Stopwatch(clock)
    }

    func events(after position: Int) async -> Delivery {
        self.position = position
        do throws(StoreError) {
            if let polled = polled.take() { return try await delivery(of: polled) }
            guard !isAtEnd else { return .nothing }
            // A reader that catches up for long has to renew its lease as well.
            if isDue, let end = take(try await store.renew(reader, of: run)) { return .ended(end) }
            let events = try await store.events(of: run, after: position)
            isAtEnd = events.isEmpty
            return isAtEnd ? try await next() : delivery(of: events)
        } catch {
            return away()
        }
    }

    func wait() async -> Bool {
        polled = await poller.poll(LogPlace(run, after: position), renewing: isDue ? reader : nil)
        if polled == nil { isAtEnd = false }
        return !Task.isCancelled
    }

    private func delivery(of polled: Polled) async throws(StoreError) -> Delivery {
        if let standing = polled.standing, let end = take(standing) { return .ended(end) }
        guard polled.events.isEmpty else {
            // There may be more than a round returns.
            isAtEnd = polled.events.count < LogPlace.minEvents
            return delivery(of: polled.events)
        }
        return try await next()
    }

    /// The lease is renewed once the store is back.
    private func away() -> Delivery {
        isAtEnd = false
        return .later
    }

    private var reader: RunReaderState { RunReaderState(number: number, position: position) }
    private var isDue: Bool { sinceRenewal.elapsed >= .seconds(1) }

    /// Notes what became of the reader; returns why it has to end, if it has to.
    private func take(_ standing: ReaderStanding) -> ReaderEnd? {
        sinceRenewal = Stopwatch(clock)
        switch standing {
        case .current(let isOwned):
            self.isOwned = isOwned
            return nil
        case .displaced: return .elsewhere
        case .gone: return .lost
        }
    }

    /// What follows if there are no events: nothing yet, or the run's end without a last event.
    private func next() async throws(StoreError) -> Delivery {
        guard !isOwned else { return .nothing }
        guard try await store.lose(run) else {
            isOwned = true
            return .nothing
        }
        // What the owner has added until now is the last of it.
        let rest = try await store.events(of: run, after: position)
        return rest.isEmpty ? .ended(.lost) : delivery(of: rest)
    }

    private func delivery(of events: [LoggedEvent]) -> Delivery {
        events.first?.number == position + 1 ? .events(events, logged: .max) : .ended(.tooLate)
    }

    // A wait is short.
    nonisolated func wake() {}

    func finish() {}

    func leave(at position: Int) async {
        let left = RunReaderState(number: number, position: position, isReading: false)
        _ = try? await store.renew(left, of: run)
    }
}
