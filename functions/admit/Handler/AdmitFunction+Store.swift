import StreamTokens
import StreamTokensRedemption

extension AdmitFunction {
    /// Uses the token: in one round trip, or in two if it has a policy, which `check` refuses by throwing. Such a refusal
    /// leaves the token live.
    func admit(
        _ token: StreamToken,
        for attempt: Attempt,
        _ origin: RequestOrigin,
        check: (Policy) throws(Refused) -> Void
    ) async throws(Refused) -> Reservation {
        let outcome: AdmitOutcome
        do throws(StoreError) {
            outcome = try await store.admit(token, for: attempt)
        } catch {
            guard error.mayHaveBeenExecuted else { throw Refused(error) }
            // Whether the token is used is unknown. The request does not pass, so it must not stay used.
            await unsettled.leave(token, attempt, of: origin, wasCommitting: true)
            throw Refused(unanswered: error)
        }
        switch outcome {
        case .refused(let refusal): throw Refused(refusal)
        case .admitted(let reservation):
            // The proxy asks again, about a request that the policy has allowed.
            if let policy = reservation.policy { try self.check(policy, check) }
            return reservation
        case .reserved(let reservation):
            do throws(Refused) {
                if let policy = reservation.policy { try self.check(policy, check) }
            } catch {
                await release(token, attempt, origin, error.policyRefusal)
                throw error
            }
            try await commit(token, attempt, origin)
            return reservation
        }
    }

    private func check(_ policy: Policy, _ check: (Policy) throws(Refused) -> Void) throws(Refused) {
        do throws(Refused) {
            try check(policy)
        } catch {
            throw error.of(policy.user)
        }
    }

    private func commit(_ token: StreamToken, _ attempt: Attempt, _ origin: RequestOrigin) async throws(Refused) {
        let outcome: CommitOutcome
        do throws(StoreError) {
            outcome = try await store.commit(token, for: attempt, countsAsOpen: false)
        } catch {
            await unsettled.leave(token, attempt, of: origin, wasCommitting: true)
            throw Refused(unanswered: error)
        }
        if outcome == .lost { throw Refused.reservationLost }
    }

    /// Releases the attempt, so that the client can use the token again at once.
    func release(
        _ token: StreamToken,
        _ attempt: Attempt,
        _ origin: RequestOrigin,
        _ refusal: PolicyRefusal? = nil,
        wasCommitting: Bool = false
    ) async {
        do throws(StoreError) {
            try await store.release(token, for: attempt, refusal: refusal)
        } catch {
            await unsettled.leave(token, attempt, of: origin, wasCommitting: wasCommitting, refusal: refusal)
        }
    }
}
