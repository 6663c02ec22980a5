import StreamTokens
import Testing

extension StoreContract {
    /// Reservations that are renewed while their workflows are silent.
    static let waiting = [
        StoreContract("a reservation that is renewed each second holds token and credit for as long as it takes") {
            fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let minted = fixture.clock.now
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            for _ in 0..<300 {
                fixture.clock.advance(1000)
                #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == [])
            }
            let reserved = TokenState.reserved(
                keyID: tenant.key.id,
                minted: minted,
                expiry: minted + 60_000,
                leaseEnd: fixture.clock.now + 15_000
            )
            #expect(try await fixture.store.show(token) == reserved)
            #expect(try await tenant.state().held == 1)
            #expect(try await tenant.state().open == 0)
            #expect(try await fixture.store.reserve(token, for: fixture.attempt(), lease: 1000) == .refused(.inUse))
            #expect(try await fixture.store.commit(token, for: attempt) == .committed)
            let organization = try await tenant.state()
            #expect([organization.credits, organization.held, organization.open] == [0, 0, 1])
        },
        StoreContract("a reservation that is no longer renewed ends fifteen seconds later, and is not renewed again") {
            fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(ttl: 300), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            fixture.clock.advance(14_999)
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == [])
            fixture.clock.advance(14_999)
            #expect(try await tenant.state().held == 1)
            fixture.clock.advance(1)
            #expect(try await tenant.state().held == 0)
            let lost = [LostStream(attempt, .lapsed)]
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == lost)
            #expect(try await fixture.store.commit(token, for: attempt) == .lost)
            #expect(try await fixture.store.check(token) == nil)
            let other = try await tenant.reserve(token, for: fixture.attempt())
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == lost)
            #expect(try await fixture.store.renew([], reserved: [other], of: tenant.tag) == [])
            #expect(try await tenant.state().held == 1)
        },
        StoreContract("a renewal never shortens a reservation's lease") { fixture in
            let tenant = try await fixture.tenant()
            let token = try await tenant.mint()
            let stream = try await tenant.reserve(token, for: fixture.attempt(), lease: 35_000)
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == [])
            fixture.clock.advance(34_999)
            #expect(try await fixture.store.check(token) == .inUse)
            #expect(try await tenant.state().held == 1)
            fixture.clock.advance(1)
            #expect(try await fixture.store.check(token) == nil)
            #expect(try await tenant.state().held == 0)
        },
        StoreContract("a renewal does not bring back a reservation that was released") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            try await fixture.store.release(token, for: attempt)
            let lost = [LostStream(attempt, .lapsed)]
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == lost)
            #expect(try await tenant.state().held == 0)
            _ = try await tenant.open(token, for: fixture.attempt())
        },
        StoreContract("a renewed reservation is released to a live or an expired token") { fixture in
            let tenant = try await fixture.tenant(credits: 2)
            let (long, short) = (try await tenant.mint(ttl: 300), try await tenant.mint(ttl: 1))
            let attempts = [fixture.attempt(), fixture.attempt()]
            let streams = [
                try await tenant.reserve(long, for: attempts[0], lease: 15_000),
                try await tenant.reserve(short, for: attempts[1], lease: 15_000),
            ]
            for _ in 0..<10 {
                fixture.clock.advance(10_000)
                #expect(try await fixture.store.renew([], reserved: streams, of: tenant.tag) == [])
            }
            try await fixture.store.release(long, for: attempts[0])
            try await fixture.store.release(short, for: attempts[1])
            #expect(try await tenant.state().held == 0)
            #expect(try await tenant.state().credits == 2)
            #expect(try await fixture.store.check(long) == nil)
            #expect(try await fixture.store.show(short) == .unknown)
        },
        StoreContract("the renewal of a reservation reports a revocation of its token or its key") { fixture in
            let tenant = try await fixture.tenant()
            let (token, other) = (try await tenant.mint(), try await tenant.mint())
            let first = try await tenant.reserve(token, for: fixture.attempt(), lease: 15_000)
            let second = try await tenant.reserve(other, for: fixture.attempt(), lease: 15_000)
            _ = try await fixture.store.revoke(token)
            let lost = LostStream(first.attempt, .revoked)
            #expect(try await fixture.store.renew([], reserved: [first, second], of: tenant.tag) == [lost])
            #expect(try await tenant.state().held == 1)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            let outdated = LostStream(second.attempt, .revoked)
            #expect(try await fixture.store.renew([], reserved: [second], of: tenant.tag) == [outdated])
            #expect(try await tenant.state().held == 0)
        },
        StoreContract("the renewal of a reservation reports that its organization is gone") { fixture in
            let tenant = try await fixture.tenant()
            let stream = try await tenant.reserve(tenant.mint(), for: fixture.attempt(), lease: 15_000)
            try await fixture.store.removeOrganization(named: tenant.name)
            let lost = [LostStream(stream.attempt, .forgotten)]
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == lost)
        },
        StoreContract("a reservation that was committed meanwhile is renewed as an open stream") { fixture in
            let tenant = try await fixture.tenant()
            let (open, token) = (try await tenant.open(tenant.mint(), for: fixture.attempt()), try await tenant.mint())
            let stream = try await tenant.open(token, for: fixture.attempt())
            fixture.clock.advance(14_999)
            #expect(try await fixture.store.renew([open], reserved: [stream], of: tenant.tag) == [])
            fixture.clock.advance(14_999)
            let organization = try await tenant.state()
            #expect([organization.held, organization.open] == [0, 2])
            _ = try await fixture.store.revoke(token)
            let lost = [LostStream(stream.attempt, .revoked)]
            #expect(try await fixture.store.renew([open], reserved: [stream], of: tenant.tag) == lost)
            try await fixture.store.release(token, for: stream.attempt)
            #expect(try await tenant.state().open == 1)
        },
        StoreContract("a reserved token is committed after its organization's credits were set to none") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            #expect(try await fixture.store.setCredits(0, of: tenant.name))
            fixture.clock.advance(14_000)
            #expect(try await fixture.store.renew([], reserved: [stream], of: tenant.tag) == [])
            fixture.clock.advance(14_000)
            #expect(try await fixture.store.commit(token, for: attempt) == .committed)
            #expect(try await tenant.state().credits == 0)
        },
    ]
}
