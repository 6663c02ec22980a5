package import StreamTokens

/// What the store has still to be told because it did not reply: attempts to release, and streams that have ended.
package actor UnsettledAttempts {
    private let store: any TokenStore
    private let report: Report
    private var attempts: [Entry] = []
    /// The oldest first.
    private var ended: [OpenStream] = []
    private var isSettling = false
    /// Callers that wait for the running ``settle()``.
    private var waiters: [UnsafeContinuation<Void, Never>] = []

    /// What happened to an attempt of a request.
    package enum Event: Sendable {
        /// The store failed: the attempt may hold the token, or may have used it.
        case unsettled
        /// Such an attempt is released for certain; if `wasCommitting`, its credit is given back too.
        case released(StreamToken, wasCommitting: Bool)
    }

    /// Receives the events; must not block.
    package typealias Report = @Sendable (RequestOrigin, Event) -> Void

    /// An attempt that may still hold its token, or may have used it.
    private struct Entry: Sendable {
        let token: StreamToken
        let attempt: Attempt
        let wasCommitting: Bool
        /// Why the token's policy refused the attempt, if it did.
        let refusal: PolicyRefusal?
        let origin: RequestOrigin
        /// Releases that succeeded so far.
        var releases = 0
    }

    /// The most attempts, and ended streams, that are remembered. Beyond it the oldest are dropped, and their leases
    /// expire by themselves.
    private static let limit = 10_000
    /// Redis may execute a command of a lost connection after a release that came over the next connection. Only a
    /// second release, after another turn of Redis, is certain to come last.
    private static let neededReleases = 2

    package init(store: any TokenStore, report: @escaping Report) {
        self.store = store
        self.report = report
    }

    /// Remembers an attempt that must be released; `wasCommitting` if its token may be used already.
    package func leave(
        _ token: StreamToken,
        _ attempt: Attempt,
        of origin: RequestOrigin,
        wasCommitting: Bool = false,
        refusal: PolicyRefusal? = nil
    ) {
        if attempts.count >= Self.limit { attempts.removeFirst(attempts.count / 10) }
        attempts.append(
            Entry(token: token, attempt: attempt, wasCommitting: wasCommitting, refusal: refusal, origin: origin)
        )
        report(origin, .unsettled)
    }

    /// Remembers a stream that has ended. Dropped ones leave the count by themselves, within 15 s of their last renewal.
    package func leave(ended stream: OpenStream) {
        if ended.count >= Self.limit { ended.removeFirst(ended.count / 10) }
        ended.append(stream)
    }

    /// Releases all remembered attempts and ends all streams, until the store fails.
    package func settleAll() async {
        for _ in 0..<Self.neededReleases {
            await waitForSettling()
            guard !attempts.isEmpty || !ended.isEmpty else { return }
            await settle()
        }
    }

    private func waitForSettling() async {
        while isSettling {
            // Resumed exactly once: settle() takes it out of `waiters` as it resumes it.
            await withUnsafeContinuation { continuation in
                // settle() may have returned by now.
                guard isSettling else { return continuation.resume() }
                waiters.append(continuation)
            }
        }
    }

    /// Releases remembered attempts once and removes ended streams, until the store fails. Does nothing if another call
    /// is running.
    package func settle() async {
        guard !isSettling else { return }
        isSettling = true
        defer {
            isSettling = false
            for waiter in waiters { waiter.resume() }
            waiters = []
        }
        var round = attempts[...]
        attempts = []
        while var next = round.popFirst() {
            do throws(StoreError) {
                try await store.release(next.token, for: next.attempt, refusal: next.refusal)
            } catch {
                round.append(next)
                break
            }
            next.releases += 1
            if next.releases < Self.neededReleases {
                attempts.append(next)
            } else {
                report(next.origin, .released(next.token, wasCommitting: next.wasCommitting))
            }
        }
        attempts += round
        await endAgain()
    }

    private func endAgain() async {
        var round = ended[...]
        ended = []
        while let next = round.first {
            guard (try? await store.end(next.attempt, of: next.token.tag)) != nil else { break }
            round.removeFirst()
        }
        ended = Array(round) + ended
    }
}
