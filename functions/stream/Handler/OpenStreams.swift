import FunctionCore
import StreamTokens
import StreamTokensRedemption

/// The open streams of this instance, and those that wait for their workflows.
actor OpenStreams {
    private let store: any TokenStore
    private let report: StreamFunction.Report?
    private var streams: [Attempt: Open] = [:]
    /// Streams whose tokens are only reserved yet, with leases that have to be renewed.
    private var waiting: [Attempt: Waiting] = [:]
    private let unsettled: UnsettledAttempts
    private var isRenewing = false

    /// An open stream, and how long it has been open and may be.
    private struct Open {
        let stream: LiveStream
        let age: Stopwatch
        let maxAge: Duration
    }

    /// A stream that waits for its workflow. `live` is nil if its response waits as well.
    private struct Waiting {
        let stream: OpenStream
        let live: LiveStream?
    }

    /// The most streams that are renewed in one call: Redis does nothing else during a call.
    private static let maxPerCall = 200

    init(store: any TokenStore, unsettled: UnsettledAttempts, report: StreamFunction.Report?) {
        self.store = store
        self.unsettled = unsettled
        self.report = report
    }

    /// Adds a stream once its token is committed, for at most `maxAge` of which `age` has passed.
    func open(_ stream: LiveStream, lasting maxAge: Duration, since age: Stopwatch) {
        waiting[stream.stream.attempt] = nil
        streams[stream.stream.attempt] = Open(stream: stream, age: age, maxAge: maxAge)
    }

    /// Adds a stream whose token is reserved, and whose response begins before its workflow.
    func wait(_ stream: LiveStream) {
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
        waiting[stream.stream.attempt] = nil
        if let refusal = refused.refusal {
            let status = refused.told.status.code
            let failed = StreamEvent.Kind.failed(stream.stream, refusal, status: status, cause: refused.cause)
            report?(StreamEvent(origin: stream.origin, kind: failed))
        }
        try await stream.sendRefusal(refused.told, to: writer)
    }

    private func end(_ stream: LiveStream, _ ending: StreamEnding, to writer: any BodyWriter) async throws {
        let open = stream.stream
        let lasted = streams.removeValue(forKey: open.attempt)?.age.elapsed ?? .zero
        // Concurrently, so that a store that is away does not delay the report or the client.
        async let end: Void = end(open)
        let ended = StreamEvent.Kind.ended(early: ending.early, cause: ending.cause, lasted: lasted)
        report?(StreamEvent(origin: stream.origin, kind: ended))
        if let early = ending.early { try await stream.sendEarlyEnd(early, to: writer) }
        // A client that sees the end of its stream may open the next one at once.
        _ = await end
    }

    /// Removes a stream from its organization's count: now, or once the store is back.
    private func end(_ stream: OpenStream) async {
        do throws(StoreError) {
            try await store.end(stream.attempt, of: stream.token.tag)
        } catch {
            await unsettled.leave(ended: stream)
        }
    }

    /// Ends the streams that have reached their maximum age.
    func endOverdue() async {
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
}
