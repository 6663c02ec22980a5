import Function
import Tokens
import Workflows

extension StreamFunction {
    /// The two phases of a redemption: reserve the token, have the workflow begin, commit, and only then open the stream.
    ///
    /// No operation on the store heeds the cancellation of the request's task, so none is left half done.
    func open(_ request: StreamRequest) async -> Response {
        let attempt = Attempt.random(randomBits)
        let reservation: Reservation
        do throws(StoreError) {
            switch try await store.reserve(request.token, for: attempt, lease: options.lease) {
            case .reserved(let reserved): reservation = reserved
            case .invalid:
                return Answer.unauthorized(tokenGiven: true, cause: "expired, used, revoked or unknown token")
            case .inUse: return Answer.error(.conflict, "token_in_use")
            case .noCredits: return Answer.error(.paymentRequired, "invalid_billing")
            case .tooManyStreams: return Answer.error(.tooManyRequests, "too_many_streams")
            }
        } catch {
            if error.mayHaveBeenExecuted { await streams.leaveUnsettled(request.token, attempt) }
            return Answer.storeUnavailable(cause: error.description)
        }
        let run: any WorkflowRun
        do throws(WorkflowFailure) {
            run = try await start(request, for: reservation.organization)
        } catch {
            await release(request.token, attempt)
            return Answer.failed(error)
        }
        guard !Task.isCancelled else {
            await run.cancel()
            await release(request.token, attempt)
            return Answer.failed(.cancelled)
        }
        guard let problem = await commit(request.token, attempt) else {
            return await response(request, reservation.stream, run)
        }
        await run.cancel()
        return problem
    }

    private func start(
        _ request: StreamRequest,
        for organization: String
    ) async throws(WorkflowFailure) -> any WorkflowRun {
        guard WorkflowCall.isName(request.workflow) else { throw .notFound }
        let call = WorkflowCall(
            workflow: String(request.workflow),
            variables: request.variables.members,
            variablesText: request.variables.text,
            organization: organization,
            requestID: request.id,
            traceparent: request.traceparent ?? makeTraceparent()
        )
        return try await workflow.start(call, within: request.time(of: options.firstByte))
    }

    /// Gives back what the attempt holds, so that whoever was refused can try again at once.
    private func release(_ token: StreamToken, _ attempt: Attempt) async {
        do throws(StoreError) {
            try await store.release(token, for: attempt)
        } catch {
            await streams.leaveUnsettled(token, attempt)
        }
    }

    /// Nil if the token is spent, by this attempt; else the answer.
    private func commit(_ token: StreamToken, _ attempt: Attempt) async -> Response? {
        do throws(StoreError) {
            switch try await store.commit(token, for: attempt) {
            case .committed: return nil
            case .lost: return Answer.storeUnavailable(cause: "the reservation was lost before the commit")
            }
        } catch {
            // Whether the token is spent nobody knows. No stream opens, so it must not be.
            await streams.leaveUnsettled(token, attempt)
            return Answer.storeUnavailable(cause: error.description)
        }
    }

    private func response(_ request: StreamRequest, _ stream: OpenStream, _ run: any WorkflowRun) async -> Response {
        let live = LiveStream(
            stream,
            requestID: request.id,
            run: run,
            format: request.format,
            heartbeat: options.heartbeat,
            longest: request.time(of: options.maximum),
            clock: clock
        )
        await streams.open(live)
        var headers = Answer.fields(request.format.contentType)
        // Proxies such as nginx would else collect what is to be seen as it comes.
        headers.append("x-accel-buffering", "no")
        return Response(.ok, headers: headers, body: .stream { [streams] in try await streams.run(live, to: $0) })
    }

    /// A trace of this request's own (W3C Trace Context, section 3.2.2), not sampled.
    private func makeTraceparent() -> String {
        // The lowest bit keeps an id from being all zeros, which is invalid.
        let ids = [randomBits(), randomBits(), randomBits()].map { bits in
            let digits = String(bits | 1, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return "00-\(ids[0])\(ids[1])-\(ids[2])-00"
    }
}
