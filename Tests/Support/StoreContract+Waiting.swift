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
                try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: [])
            }
            let reserved = TokenState.reserved(
                keyID: tenant.key.id,
                minted: minted,
                expiry: minted + 60_000,
                leaseEnd: fixture.clock.now + 15_000
            )
            try await expect(fixture.store.show(token), is: reserved)
            try await expect(tenant.state().held, is: 1)
            try await expect(tenant.state().open, is: 0)
            try await expect(fixture.store.reserve(token, for: fixture.attempt(), lease: 1000), is: .refused(.inUse))
            try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            let organization = try await tenant.state()
            #expect([organization.credits, organization.held, organization.open] == [0, 0, 1])
        },
        StoreContract("a reservation that is no longer renewed ends fifteen seconds later, and is not renewed again") {
            fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(ttl: 300), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            fixture.clock.advance(14_999)
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: [])
            fixture.clock.advance(14_999)
            try await expect(tenant.state().held, is: 1)
            fixture.clock.advance(1)
            try await expect(tenant.state().held, is: 0)
            let lost = [LostStream(attempt, .lapsed)]
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: lost)
            try await expect(fixture.store.commit(token, for: attempt), is: .lost)
            try await expect(fixture.store.check(token), is: nil)
            let other = try await tenant.reserve(token, for: fixture.attempt())
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: lost)
            try await expect(fixture.store.renew([], reserved: [other], of: tenant.tag), is: [])
            try await expect(tenant.state().held, is: 1)
        },
        StoreContract("a renewal never shortens a reservation's lease") { fixture in
            let tenant = try await fixture.tenant()
            let token = try await tenant.mint()
            let stream = try await tenant.reserve(token, for: fixture.attempt(), lease: 35_000)
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: [])
            fixture.clock.advance(34_999)
            try await expect(fixture.store.check(token), is: .inUse)
            try await expect(tenant.state().held, is: 1)
            fixture.clock.advance(1)
            try await expect(fixture.store.check(token), is: nil)
            try await expect(tenant.state().held, is: 0)
        },
        StoreContract("a renewal does not bring back a reservation that was released") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            try await fixture.store.release(token, for: attempt)
            let lost = [LostStream(attempt, .lapsed)]
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: lost)
            try await expect(tenant.state().held, is: 0)
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
                try await expect(fixture.store.renew([], reserved: streams, of: tenant.tag), is: [])
            }
            try await fixture.store.release(long, for: attempts[0])
            try await fixture.store.release(short, for: attempts[1])
            try await expect(tenant.state().held, is: 0)
            try await expect(tenant.state().credits, is: 2)
            try await expect(fixture.store.check(long), is: nil)
            try await expect(fixture.store.show(short), is: .unknown)
        },
        StoreContract("the renewal of a reservation reports a revocation of its token or its key") { fixture in
            let tenant = try await fixture.tenant()
            let (token, other) = (try await tenant.mint(), try await tenant.mint())
            let first = try await tenant.reserve(token, for: fixture.attempt(), lease: 15_000)
            let second = try await tenant.reserve(other, for: fixture.attempt(), lease: 15_000)
            _ = try await fixture.store.revoke(token)
            let lost = LostStream(first.attempt, .revoked)
            try await expect(fixture.store.renew([], reserved: [first, second], of: tenant.tag), is: [lost])
            try await expect(tenant.state().held, is: 1)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            let outdated = LostStream(second.attempt, .revoked)
            try await expect(fixture.store.renew([], reserved: [second], of: tenant.tag), is: [outdated])
            try await expect(tenant.state().held, is: 0)
        },
        StoreContract("the renewal of a reservation reports that its organization is gone") { fixture in
            let tenant = try await fixture.tenant()
            let stream = try await tenant.reserve(tenant.mint(), for: fixture.attempt(), lease: 15_000)
            try await fixture.store.removeOrganization(named: tenant.name)
            let lost = [LostStream(stream.attempt, .forgotten)]
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: lost)
        },
        StoreContract("a reservation that was committed meanwhile is renewed as an open stream") { fixture in
            let tenant = try await fixture.tenant()
            let (open, token) = (try await tenant.open(tenant.mint(), for: fixture.attempt()), try await tenant.mint())
            let stream = try await tenant.open(token, for: fixture.attempt())
            fixture.clock.advance(14_999)
            try await expect(fixture.store.renew([open], reserved: [stream], of: tenant.tag), is: [])
            fixture.clock.advance(14_999)
            let organization = try await tenant.state()
            #expect([organization.held, organization.open] == [0, 2])
            _ = try await fixture.store.revoke(token)
            let lost = [LostStream(stream.attempt, .revoked)]
            try await expect(fixture.store.renew([open], reserved: [stream], of: tenant.tag), is: lost)
            try await fixture.store.release(token, for: stream.attempt)
            try await expect(tenant.state().open, is: 1)
        },
        StoreContract("a reserved token is committed after its organization's credits were set to none") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt, lease: 15_000)
            #expect(try await fixture.store.setCredits(0, of: tenant.name))
            fixture.clock.advance(14_000)
            try await expect(fixture.store.renew([], reserved: [stream], of: tenant.tag), is: [])
            fixture.clock.advance(14_000)
            try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            try await expect(tenant.state().credits, is: 0)
        },
    ]
}
