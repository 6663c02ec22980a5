import FunctionCore
import StreamTokens

/// The open streams of this instance, and the attempts that it still has to release.
actor OpenStreams {
    private let store: any TokenStore
    private let report: StreamFunction.Report?
    private var streams: [Attempt: LiveStream] = [:]
    private var unsettled: [Unsettled] = []
    /// Streams that have ended, but that the store could not be told of; the oldest first.
    private var unended: [OpenStream] = []
    private var isRenewing = false
    private var isSettling = false
    /// Callers that wait for the running ``settle()``.
    private var waiting: [UnsafeContinuation<Void, Never>] = []

    /// An attempt that may still hold its token, or may have used it, because the store failed.
    private struct Unsettled: Sendable {
        let token: StreamToken
        let attempt: Attempt
        let wasCommitting: Bool
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

    /// Adds a stream once its token is committed.
    func open(_ stream: LiveStream) {
        streams[stream.stream.attempt] = stream
    }

    /// Runs a stream to its end. This is the body of its response.
    func run(_ stream: LiveStream, to writer: any BodyWriter) async throws {
        let ending = await stream.transfer(to: writer)
        let open = stream.stream
        streams[open.attempt] = nil
        // Concurrently, so that a store that is away does not delay the report or the client.
        async let end: Void = end(open)
        let ended = StreamEvent.Kind.ended(early: ending.early, cause: ending.cause, lasted: stream.age.elapsed)
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
        for stream in streams.values where stream.age.elapsed >= stream.maxAge { await stream.stop(.tooLong) }
    }

    /// Renews the leases of all streams, and ends the streams that were revoked. Does nothing if a renewal is running.
    /// While the store is away, streams go on.
    func renew() async {
        guard !isRenewing else { return }
        isRenewing = true
        defer { isRenewing = false }
        let organizations = Dictionary(grouping: streams.values.map(\.stream), by: \.token.tag)
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
        guard !open.isEmpty, let lost = try? await store.renew(open, of: tag) else { return }
        for each in lost { await streams[each.attempt]?.stop(.revoked, cause: each.reason.cause) }
    }

    /// Remembers an attempt that must be released; `wasCommitting` if its token may be used already.
    func leaveUnsettled(_ request: StreamRequest, _ attempt: Attempt, wasCommitting: Bool = false) {
        if unsettled.count >= Self.maxUnsettled { unsettled.removeFirst(unsettled.count / 10) }
        unsettled.append(
            Unsettled(token: request.token, attempt: attempt, wasCommitting: wasCommitting, origin: request.origin)
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
            // Resumed exactly once: settle() takes it out of `waiting` as it resumes it.
            await withUnsafeContinuation { continuation in
                // settle() may have returned by now.
                guard isSettling else { return continuation.resume() }
                waiting.append(continuation)
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
            for waiter in waiting { waiter.resume() }
            waiting = []
        }
        var round = unsettled[...]
        unsettled = []
        while var next = round.popFirst() {
            do throws(StoreError) {
                try await store.release(next.token, for: next.attempt)
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

extension LostStream.Reason {
    /// For the log and the audit; the client is told in both cases that its stream was revoked.
    fileprivate var cause: String {
        switch self {
        case .revoked: "the token, its key's or its organization's tokens were revoked"
        case .forgotten:
            "the store no longer knows the key or its epoch: its organization was deleted, or data was lost"
        case .lapsed: "the reservation has lapsed"
        }
    }
}
