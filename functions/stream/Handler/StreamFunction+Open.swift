import FunctionCore
import StreamTokens
import StreamTokensRedemption
import StreamTokensWorkflows

extension StreamFunction {
    /// Redeems the token in two phases: reserves it, starts the workflow, commits, and only then opens the stream,
    /// unless streams are opened at once. The store's operations ignore the cancellation of the request's task, so that
    /// none is left half done.
    func open(_ request: StreamRequest) async throws(Refused) -> Response {
        let isRenewed = options.opensAtOnce(request)
        let reservation = try await reserve(request, lease: isRenewed ? Lifetime.stream : options.lease)
        guard let policy = reservation.policy else { return try await open(request, reservation) }
        return try await open(request, reservation, under: policy, isRenewed: isRenewed)
    }

    /// The same for a reserved token with a policy. Whatever the policy refuses leaves the token live, and needs
    /// neither the workflow nor the response to have begun.
    private func open(
        _ request: StreamRequest,
        _ reservation: Reservation,
        under policy: Policy,
        isRenewed: Bool
    ) async throws(Refused) -> Response {
        let attempt = reservation.stream.attempt
        let allowed: StreamRequest
        do throws(Refused) {
            allowed = try request.under(policy)
        } catch {
            await release(request.of(policy.user), attempt, error.policyRefusal)
            throw error.of(policy.user)
        }
        // Its lease is short, because it was to be renewed; the policy wants the stream to open later.
        if isRenewed, !options.opensAtOnce(allowed) { await streams.hold(reservation.stream) }
        do throws(Refused) {
            return try await open(allowed, reservation)
        } catch {
            throw error.of(policy.user)
        }
    }

    /// Opens the stream of a reserved token.
    private func open(_ request: StreamRequest, _ reservation: Reservation) async throws(Refused) -> Response {
        guard !options.opensAtOnce(request) else { return try await openAtOnce(request, reservation) }
        let run = try await begin(request, reservation)
        if request.secret != nil, let response = await resumable(request, reservation.stream, .running(run)) {
            return response
        }
        let live = LiveStream(
            reservation.stream,
            of: request.origin,
            run: run,
            format: request.format,
            heartbeat: options.heartbeat,
            clock: clock
        )
        await streams.open(live, lasting: options.maximum(of: request), since: Stopwatch(clock))
        return response(request, live)
    }

    /// Begins the response once the token is reserved. Until then a refusal has its status. The response's body starts
    /// the workflow and commits.
    private func openAtOnce(_ request: StreamRequest, _ reservation: Reservation) async throws(Refused) -> Response {
        let stream = reservation.stream
        guard WorkflowCall.isName(request.workflow) else {
            await release(request, stream.attempt)
            throw Refused(.workflowNotFound, .workflowNotFound)
        }
        report?(StreamEvent(origin: request.origin, kind: .waiting(stream)))
        let beginning = { @Sendable () async throws(Refused) -> any WorkflowRun in
            let run = try await begin(request, reservation)
            let maxAge = options.maximum(of: request)
            await streams.commit(stream.attempt, lasting: maxAge, since: Stopwatch(clock))
            return run
        }
        if request.secret != nil, let response = await resumable(request, stream, .beginning(beginning)) {
            return response
        }
        let live = LiveStream(
            stream,
            of: request.origin,
            beginning: beginning,
            format: request.format,
            heartbeat: options.heartbeat,
            clock: clock
        )
        await streams.wait(live)
        return response(request, live)
    }

    /// Starts the workflow of a reserved token, and commits once its first output is there. If it throws, the token is
    /// released, or will be.
    private func begin(_ request: StreamRequest, _ reservation: Reservation) async throws(Refused) -> any WorkflowRun {
        let attempt = reservation.stream.attempt
        let run: any WorkflowRun
        do throws(WorkflowFailure) {
            run = try await start(request, for: reservation.organization)
        } catch {
            await release(request, attempt)
            throw Refused(error)
        }
        guard !Task.isCancelled else {
            await run.cancel()
            await release(request, attempt)
            throw Refused(.cancelled)
        }
        if let refused = await commit(request, attempt) {
            await streams.stopWaiting(attempt)
            await run.cancel()
            throw refused
        }
        reportOpened(request, reservation)
        return run
    }

    @inline(never)
    private func reportOpened(_ request: StreamRequest, _ reservation: Reservation) {
        report?(StreamEvent(origin: request.origin, kind: .opened(reservation.stream, after: request.age.elapsed)))
    }

    /// Reserves the token under a new attempt: that of a resumable stream's secret.
    private func reserve(_ request: StreamRequest, lease: Int) async throws(Refused) -> Reservation {
        let attempt = request.secret.map(Attempt.init) ?? .random(randomBits)
        let outcome: ReserveOutcome
        do throws(StoreError) {
            outcome = try await store.reserve(request.token, for: attempt, lease: lease)
        } catch {
            if error.mayHaveBeenExecuted { await unsettled.leave(request.token, attempt, of: request.origin) }
            throw Refused(error)
        }
        switch outcome {
        case .reserved(let reservation): return reservation
        case .refused(let refusal): throw Refused(refusal)
        }
    }

    // Not inlined, like release and commit: a workflow's silence is waited for in the frame that calls them.
    @inline(never)
    private func start(
        _ request: StreamRequest,
        for organization: String
    ) async throws(WorkflowFailure) -> any WorkflowRun {
        guard WorkflowCall.isName(request.workflow) else { throw .notFound }
        return try await workflow.start(call(request, organization), within: request.time(of: options.firstByte))
    }

    @inline(never)
    private func call(_ request: StreamRequest, _ organization: String) -> WorkflowCall {
        WorkflowCall(
            workflow: String(request.workflow),
            variables: request.variables.members,
            variablesText: request.variables.text,
            organization: organization,
            user: request.origin.user,
            requestID: request.received.id,
            traceparent: request.trace.traceparent ?? "",
            tracestate: request.received.traceState ?? ""
        )
    }

    /// Releases the reservation, so that the client can use the token again at once. `refusal` is why the token's policy
    /// refused the request.
    @inline(never)
    private func release(_ request: StreamRequest, _ attempt: Attempt, _ refusal: PolicyRefusal? = nil) async {
        // Before the release: a renewal would report a reservation that is lost.
        await streams.stopWaiting(attempt)
        do throws(StoreError) {
            try await store.release(request.token, for: attempt, refusal: refusal)
        } catch {
            await unsettled.leave(request.token, attempt, of: request.origin, refusal: refusal)
        }
    }

    /// Marks the token as used by this attempt; returns why that failed, nil if it succeeded.
    @inline(never)
    private func commit(_ request: StreamRequest, _ attempt: Attempt) async -> Refused? {
        do throws(StoreError) {
            switch try await store.commit(request.token, for: attempt) {
            case .committed: return nil
            case .lost: return .reservationLost
            }
        } catch {
            // Whether the token is used is unknown. No stream opens, so it must not stay used.
            await unsettled.leave(request.token, attempt, of: request.origin, wasCommitting: true)
            return Refused(unanswered: error)
        }
    }

    private func response(_ request: StreamRequest, _ live: LiveStream) -> Response {
        let body = Body.stream { [streams] in try await streams.run(live, to: $0) }
        return Response(.ok, headers: request.format.fields, body: body)
    }
}
