import FunctionCore
import StreamTokens

/// The streams that this instance has open, and the attempts that it must give back.
actor OpenStreams {
    private let store: any TokenStore
    private let report: StreamFunction.Report?
    private var streams: [Attempt: LiveStream] = [:]
    private var unsettled: [Unsettled] = []
    /// Streams that have ended though the store did not answer, the oldest first.
    private var unended: [OpenStream] = []
    private var isRenewing = false
    private var isSettling = false
    /// Who waits for the settling under way.
    private var waiting: [UnsafeContinuation<Void, Never>] = []

    /// An attempt whose reservation or commit may have been executed though its answer never came.
    private struct Unsettled: Sendable {
        let token: StreamToken
        let attempt: Attempt
        let wasCommitting: Bool
        let origin: StreamEvent.Origin
        /// Releases that were answered.
        var releases = 0
    }

    /// What is remembered at most; beyond it the leases of the oldest have to lapse by themselves.
    private static let maxUnsettled = 10_000
    /// A command of a connection that was lost may be executed after a release that came over the next one: only when
    /// Redis has come round once more is it certain that none is left.
    private static let neededReleases = 2
    /// So many streams are renewed in one call: Redis does nothing else meanwhile.
    private static let maxPerCall = 200

    init(store: any TokenStore, report: StreamFunction.Report?) {
        self.store = store
        self.report = report
    }

    /// Counts a stream, from its commit on.
    func open(_ stream: LiveStream) {
        streams[stream.stream.attempt] = stream
    }

    /// Runs a stream to its end; what a response's body does.
    func run(_ stream: LiveStream, to writer: any BodyWriter) async throws {
        let ending = await stream.transfer(to: writer)
        let open = stream.stream
        streams[open.attempt] = nil
        // A store that does not answer keeps nobody from being told.
        async let end: Void = end(open)
        let ended = StreamEvent.Kind.ended(early: ending.early, cause: ending.cause, lasted: stream.age.elapsed)
        report?(StreamEvent(origin: stream.origin, kind: ended))
        if let early = ending.early { try await stream.sayGoodbye(early, to: writer) }
        // Whoever sees the stream's end can count on its place.
        _ = await end
    }

    /// Takes a stream off its organization's count: now, or once the store answers again.
    private func end(_ stream: OpenStream) async {
        do throws(StoreError) {
            try await store.end(stream.attempt, of: stream.token.tag)
        } catch {
            // Those that are dropped lapse by themselves, within 15 s of their last renewal.
            if unended.count >= Self.maxUnsettled { unended.removeFirst(unended.count / 10) }
            unended.append(stream)
        }
    }

    /// Ends what has lasted long enough.
    func endOverdue() async {
        for stream in streams.values where stream.age.elapsed >= stream.longest { await stream.stop(.tooLong) }
    }

    /// Renews every lease unless that is under way, and ends what was revoked. While the store is away, streams go on.
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
        // What has ended since the streams were counted must not come back to the organization's count.
        let open = part.filter { streams[$0.attempt] != nil }
        guard !open.isEmpty, let lost = try? await store.renew(open, of: tag) else { return }
        for each in lost { await streams[each.attempt]?.stop(.revoked, cause: each.reason.cause) }
    }

    /// Remembers an attempt that must hold nothing; `wasCommitting` if it may have spent its token.
    func leaveUnsettled(_ request: StreamRequest, _ attempt: Attempt, wasCommitting: Bool = false) {
        if unsettled.count >= Self.maxUnsettled { unsettled.removeFirst(unsettled.count / 10) }
        unsettled.append(
            Unsettled(token: request.token, attempt: attempt, wasCommitting: wasCommitting, origin: request.origin)
        )
        report?(StreamEvent(origin: request.origin, kind: .unsettled))
    }

    /// Gives back what all of them hold, or as many of them as the store answers for.
    func settleAll() async {
        for _ in 0..<Self.neededReleases {
            await waitForSettling()
            guard !unsettled.isEmpty || !unended.isEmpty else { return }
            await settle()
        }
    }

    private func waitForSettling() async {
        while isSettling {
            // Resumed exactly once: whoever settles takes it out. It may be done by the time that this is there.
            await withUnsafeContinuation { continuation in
                guard isSettling else { return continuation.resume() }
                waiting.append(continuation)
            }
        }
    }

    /// Gives back what attempts hold and ends ended streams, as far as the store answers, unless that is under way.
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
    /// For the log and the audit: the client is told that its stream was revoked, whichever it was.
    fileprivate var cause: String {
        switch self {
        case .revoked: "the token, its key's or its organization's tokens were revoked"
        case .forgotten:
            "the store no longer knows the key or its epoch: its organization was deleted, or data was lost"
        }
    }
}
