import FunctionCore
import StreamTokens

/// The open streams of this instance, those that wait for their workflows, and the attempts that it still has to
/// release.
actor OpenStreams {
    private let store: any TokenStore
    private let report: StreamFunction.Report?
    private var streams: [Attempt: Open] = [:]
    /// Streams whose tokens are only reserved yet, with leases that have to be renewed.
    private var waiting: [Attempt: Waiting] = [:]
    private var unsettled: [Unsettled] = []
    /// Streams that have ended, but that the store could not be told of; the oldest first.
    private var unended: [OpenStream] = []
    private var isRenewing = false
    private var isSettling = false
    /// Callers that wait for the running ``settle()``.
    private var settleWaiters: [UnsafeContinuation<Void, Never>] = []

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

    /// An attempt that may still hold its token, or may have used it, because the store failed.
    private struct Unsettled: Sendable {
        let token: StreamToken
        let attempt: Attempt
        let wasCommitting: Bool
        /// Why the token's policy refused the attempt, if it did.
        let refusal: PolicyRefusal?
        let origin: StreamEvent.Origin
        /// Releases that succeeded so far.
        var releases = 0
    }

    /// The most attempts, and ended streams, that are remembered. Beyond it the oldest are dropped, and their leases
    /// expire by themselves.
    private static let maxUnsettled = 10_000
    /// Redis may execute a command of a lost connection after a release that came over the next connection. Only a
    /// second release, after another turn of Redis, is certain to come last.
    private static let neededReleases = 2
    /// The most streams that are renewed in one call: Redis does nothing else during a call.
    private static let maxPerCall = 200

    init(store: any TokenStore, report: StreamFunction.Report?) {
        self.store = store
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
            // Dropped ones leave the count by themselves, within 15 s of their last renewal.
            if unended.count >= Self.maxUnsettled { unended.removeFirst(unended.count / 10) }
            unended.append(stream)
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

    /// Remembers an attempt that must be released; `wasCommitting` if its token may be used already.
    func leaveUnsettled(
        _ request: StreamRequest,
        _ attempt: Attempt,
        wasCommitting: Bool = false,
        refusal: PolicyRefusal? = nil
    ) {
        if unsettled.count >= Self.maxUnsettled { unsettled.removeFirst(unsettled.count / 10) }
        unsettled.append(
            Unsettled(
                token: request.token,
                attempt: attempt,
                wasCommitting: wasCommitting,
                refusal: refusal,
                origin: request.origin
            )
        )
        report?(StreamEvent(origin: request.origin, kind: .unsettled))
    }

    /// Releases all remembered attempts and ended streams, until the store fails.
    func settleAll() async {
        for _ in 0..<Self.neededReleases {
            await waitForSettling()
            guard !unsettled.isEmpty || !unended.isEmpty else { return }
            await settle()
        }
    }

    private func waitForSettling() async {
        while isSettling {
            // Resumed exactly once: settle() takes it out of `settleWaiters` as it resumes it.
            await withUnsafeContinuation { continuation in
                // settle() may have returned by now.
                guard isSettling else { return continuation.resume() }
                settleWaiters.append(continuation)
            }
        }
    }

    /// Releases remembered attempts once and removes ended streams, until the store fails. Does nothing if another call
    /// is running.
    func settle() async {
        guard !isSettling else { return }
        isSettling = true
        defer {
            isSettling = false
            for waiter in settleWaiters { waiter.resume() }
            settleWaiters = []
        }
        var round = unsettled[...]
        unsettled = []
        while var next = round.popFirst() {
            do throws(StoreError) {
                try await store.release(next.token, for: next.attempt, refusal: next.refusal)
            } catch {
                round.append(next)
                break
            }
            next.releases += 1
            if next.releases < Self.neededReleases {
                unsettled.append(next)
            } else {
                report?(
                    StreamEvent(origin: next.origin, kind: .released(next.token, wasCommitting: next.wasCommitting))
                )
            }
        }
        unsettled += round
        await endAgain()
    }

    private func endAgain() async {
        var round = unended[...]
        unended = []
        while let next = round.first {
            guard (try? await store.end(next.attempt, of: next.token.tag)) != nil else { break }
            round.removeFirst()
        }
        unended = Array(round) + unended
    }
}
