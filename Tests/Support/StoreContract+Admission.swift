import StreamTokens
import Testing

extension StoreContract {
    static let admission = [
        StoreContract("an admission uses the token and charges a credit, and no stream is open") { fixture in
            let tenant = try await fixture.tenant(credits: 2, maxStreams: 0)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let stream = OpenStream(token: token, attempt: attempt, epoch: 0, keyID: tenant.key.id, keyEpoch: 0)
            let admitted = AdmitOutcome.admitted(Reservation(organization: tenant.name, stream: stream))
            try await expect(fixture.store.admit(token, for: attempt), is: admitted)
            try await expect(fixture.store.show(token), is: .used(keyID: tenant.key.id, at: fixture.clock.now))
            let state = try await tenant.state()
            #expect([state.credits, state.held, state.open] == [1, 0, 0])
            for other in [fixture.attempt(), fixture.attempt()] {
                try await expect(fixture.store.admit(token, for: other), is: .refused(.invalid(.used)))
                try await expect(
                    fixture.store.reserve(token, for: other, lease: 1000),
                    is: .refused(.invalid(.used))
                )
            }
            try await expect(tenant.state().credits, is: 1)
        },
        StoreContract("an admission is refused for a token or an organization that cannot be reserved") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (store, attempt) = (fixture.store, fixture.attempt())
            let (held, spare) = (try await tenant.mint(), try await tenant.mint())
            try await expect(store.admit(tenant.newToken(), for: attempt), is: .refused(.invalid(.unknown)))
            _ = try await tenant.reserve(held, for: attempt)
            try await expect(store.admit(held, for: fixture.attempt()), is: .refused(.inUse))
            try await expect(store.admit(spare, for: fixture.attempt()), is: .refused(.noCredits))
            try await store.release(held, for: attempt)
            _ = try await store.revoke(held)
            try await expect(store.admit(held, for: attempt), is: .refused(.invalid(.revoked)))
            #expect(try await store.setCredits(0, of: tenant.name))
            try await expect(store.admit(spare, for: attempt), is: .refused(.noCredits))
            #expect(try await store.setCredits(nil, of: tenant.name))
            fixture.clock.advance(59_999)
            guard case .admitted = try await store.admit(spare, for: attempt) else {
                Issue.record("not admitted in its last millisecond")
                return
            }
            let late = try await tenant.mint(ttl: 1)
            fixture.clock.advance(1000)
            try await expect(store.admit(late, for: attempt), is: .refused(.invalid(.expired)))
        },
        StoreContract("all attempts of one request are admitted for ten seconds, for one credit") { fixture in
            let tenant = try await fixture.tenant(credits: 5)
            let token = try await tenant.mint()
            let attempts = (0..<3).map { _ in Attempt.random(fixture.bits, ofRequest: tenant.name) }
            for step in [0, 5000, 4999] {
                fixture.clock.advance(step)
                for attempt in attempts {
                    guard case .admitted(let reservation) = try await fixture.store.admit(token, for: attempt) else {
                        Issue.record("not admitted")
                        return
                    }
                    #expect(reservation.stream.attempt == attempt)
                }
            }
            let other = Attempt.random(fixture.bits, ofRequest: tenant.name + " ")
            try await expect(fixture.store.admit(token, for: other), is: .refused(.invalid(.used)))
            fixture.clock.advance(1)
            for attempt in attempts {
                try await expect(fixture.store.admit(token, for: attempt), is: .refused(.invalid(.used)))
            }
            try await expect(tenant.state().credits, is: 4)
        },
        StoreContract("an admission is undone by its attempt") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let token = try await tenant.mint()
            for attempt in [fixture.attempt(), .random(fixture.bits, ofRequest: "a"), fixture.attempt()] {
                guard case .admitted = try await fixture.store.admit(token, for: attempt) else {
                    Issue.record("not admitted")
                    return
                }
                try await expect(tenant.state().credits, is: 0)
                try await fixture.store.release(token, for: fixture.attempt())
                for _ in 0..<2 { try await fixture.store.release(token, for: attempt) }
                try await expect(tenant.state().credits, is: 1)
                try await expect(fixture.store.check(token), is: nil)
            }
        },
        StoreContract("an admission of two attempts is undone by neither: one of them may stream") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let token = try await tenant.mint()
            let attempts = (0..<2).map { _ in Attempt.random(fixture.bits, ofRequest: tenant.name) }
            // The second process admits; then the first one's command arrives, late, and is released.
            for attempt in attempts { _ = try await fixture.store.admit(token, for: attempt) }
            for attempt in attempts { try await fixture.store.release(token, for: attempt) }
            try await expect(fixture.store.check(token), is: .invalid(.used))
            try await expect(tenant.state().credits, is: 0)
        },
        StoreContract("a request takes over what another attempt of it has reserved") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let token = try await tenant.mint()
            let attempts = (0..<2).map { _ in Attempt.random(fixture.bits, ofRequest: tenant.name) }
            _ = try await tenant.reserve(token, for: attempts[0])
            guard case .admitted = try await fixture.store.admit(token, for: attempts[1]) else {
                Issue.record("not admitted")
                return
            }
            try await expect(fixture.store.commit(token, for: attempts[0]), is: .lost)
            try await fixture.store.release(token, for: attempts[0])
            let state = try await tenant.state()
            #expect([state.credits, state.held, state.open] == [0, 0, 0])
        },
        StoreContract("a token with a policy is only reserved, and returned with its policy") { fixture in
            let tenant = try await fixture.tenant(credits: 1, maxStreams: 0)
            for text in [#"{"user":"u"}"#, #"{"variables":{"a":"\#(String(repeating: "x", count: 2000))"}}"#] {
                let policy = try MintRequest(reading: Array(text.utf8)).policy
                let (token, attempt) = (tenant.newToken(), fixture.attempt())
                _ = try await fixture.store.mint(token, with: tenant.key, ttl: 60, policy: policy)
                let stream = OpenStream(token: token, attempt: attempt, epoch: 0, keyID: tenant.key.id, keyEpoch: 0)
                let reserved = AdmitOutcome.reserved(
                    Reservation(organization: tenant.name, stream: stream, policy: policy)
                )
                for _ in 0..<2 { try await expect(fixture.store.admit(token, for: attempt), is: reserved) }
                try await expect(tenant.state().held, is: 1)
                try await expect(fixture.store.admit(token, for: fixture.attempt()), is: .refused(.inUse))
                try await fixture.store.release(token, for: attempt, refusal: .originNotAllowed)
                try await expect(fixture.store.check(token), is: .tooManyStreams)
                try await expect(fixture.store.inspect(token).refusal?.reason, is: .originNotAllowed)

                try await expect(fixture.store.admit(token, for: attempt), is: reserved)
                for _ in 0..<2 {
                    try await expect(
                        fixture.store.commit(token, for: attempt, countsAsOpen: false),
                        is: .committed
                    )
                }
                let state = try await tenant.state()
                #expect([state.credits, state.held, state.open] == [0, 0, 0])
                #expect(try await fixture.store.addCredits(1, to: tenant.name))
            }
        },
        StoreContract("a token with a policy is held for fifteen seconds, and by the request's latest attempt") {
            fixture in
            let tenant = try await fixture.tenant()
            let policy = try MintRequest(reading: Array(#"{"user":"u"}"#.utf8)).policy
            let token = tenant.newToken()
            _ = try await fixture.store.mint(token, with: tenant.key, ttl: 60, policy: policy)
            let attempts = (0..<3).map { _ in Attempt.random(fixture.bits, ofRequest: tenant.name) }
            for attempt in attempts.prefix(2) {
                guard case .reserved = try await fixture.store.admit(token, for: attempt) else {
                    Issue.record("not reserved")
                    return
                }
                try await expect(tenant.state().held, is: 1)
            }
            try await expect(fixture.store.commit(token, for: attempts[0], countsAsOpen: false), is: .lost)
            try await fixture.store.release(token, for: attempts[0])
            fixture.clock.advance(14_999)
            try await expect(fixture.store.commit(token, for: attempts[1], countsAsOpen: false), is: .committed)
            // The request is asked about again.
            guard case .admitted(let reservation) = try await fixture.store.admit(token, for: attempts[2]) else {
                Issue.record("not admitted")
                return
            }
            #expect(reservation.policy == policy)

            let other = tenant.newToken()
            _ = try await fixture.store.mint(other, with: tenant.key, ttl: 60, policy: policy)
            _ = try await fixture.store.admit(other, for: attempts[0])
            fixture.clock.advance(15_000)
            try await expect(tenant.state().held, is: 0)
            try await expect(fixture.store.commit(other, for: attempts[0], countsAsOpen: false), is: .lost)
            try await expect(fixture.store.check(other), is: nil)
        },
    ]
}
