import StreamTokens

/// Reads the logs of runs that other loops own for all readers of its loop: every 100 ms one command for each
/// organization, and once a second another one that renews the readers' leases.
///
/// It has no task of its own: the first reader that waits does it for those that come meanwhile.
actor LogPoller {
    nonisolated let store: any RunStore
    private let clock: any Clock<Duration>
    /// The readers that wait for the next command of their organization.
    private var waits: [Tag: [Wait]] = [:]

    /// What a reader waits for. The lease is renewed if `reader` is there.
    private struct Wait {
        let place: LogPlace
        let reader: RunReaderState?
        let continuation: UnsafeContinuation<Polled?, Never>
    }

    static let pause = Duration.milliseconds(100)
    /// The most logs that are read in one command: Redis does nothing else meanwhile.
    private static let maxPerCall = 100

    init(_ store: any RunStore, _ clock: any Clock<Duration>) {
        self.store = store
        self.clock = clock
    }

    /// Waits for the next round, and returns what it has found; nil if the store failed.
    func poll(_ place: LogPlace, renewing reader: RunReaderState?) async -> Polled? {
        let tag = place.run.token.tag
        guard waits[tag] == nil else {
            // Resumed exactly once: the round takes it out of `waits`.
            return await withUnsafeContinuation { continuation in
                waits[tag]?.append(Wait(place: place, reader: reader, continuation: continuation))
            }
        }
        waits[tag] = []
        // If this reader leaves, the round comes early.
        try? await clock.sleep(for: Self.pause)
        let others = waits.removeValue(forKey: tag) ?? []
        let all = [(place, reader)] + others.map { ($0.place, $0.reader) }
        var results: [Polled?] = []
        for start in stride(from: 0, to: all.count, by: Self.maxPerCall) {
            results += await round(Array(all[start..<min(start + Self.maxPerCall, all.count)]), of: tag)
        }
        for (wait, result) in zip(others, results.dropFirst()) { wait.continuation.resume(returning: result) }
        return results.first ?? nil
    }

    private func round(_ readers: [(place: LogPlace, reader: RunReaderState?)], of tag: Tag) async -> [Polled?] {
        do throws(StoreError) {
            let renewals = readers.compactMap { each in each.reader.map { ReaderRenewal(each.place.run, $0) } }
            var standings = (renewals.isEmpty ? [] : try await store.renew(renewals, of: tag))[...]
            let events = try await store.events(behind: readers.map(\.place), of: tag)
            return zip(readers, events).map { each, events in
                Polled(events: events, standing: each.reader == nil ? nil : standings.popFirst())
            }
        } catch {
            return readers.map { _ in nil }
        }
    }
}

/// What a round has found for one reader.
struct Polled: Sendable {
    let events: [LoggedEvent]
    /// Nil if the lease was not renewed.
    let standing: ReaderStanding?
}
