import StreamTokens
import Testing

extension StoreContract {
    static let redemption = [
        StoreContract("a token is reserved, committed, and then used for good") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt, other) = (try await tenant.mint(), fixture.attempt(), fixture.attempt())
            let minted = fixture.clock.now
            fixture.clock.advance(1000)
            let reservation = try await fixture.store.reserve(token, for: attempt, lease: 35_000)
            let stream = OpenStream(token: token, attempt: attempt, epoch: 0, keyID: tenant.key.id, keyEpoch: 0)
            #expect(reservation == .reserved(Reservation(organization: tenant.name, stream: stream)))
            let reserved = TokenState.reserved(
                keyID: tenant.key.id,
                minted: minted,
                expiry: minted + 60_000,
                leaseEnd: minted + 36_000
            )
            try await expect(fixture.store.show(token), is: reserved)
            try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            try await expect(fixture.store.show(token), is: .used(keyID: tenant.key.id, at: minted + 1000))
            for again in [attempt, other] {
                try await expect(fixture.store.reserve(token, for: again, lease: 35_000), is: .refused(.invalid(.used)))
            }
            try await expect(fixture.store.commit(token, for: other), is: .lost)
        },
        StoreContract("a reserved token is in use for another attempt") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt, other) = (try await tenant.mint(), fixture.attempt(), fixture.attempt())
            let stream = try await tenant.reserve(token, for: attempt)
            try await expect(fixture.store.reserve(token, for: other, lease: 35_000), is: .refused(.inUse))
            try await expect(fixture.store.commit(token, for: other), is: .lost)
            try await fixture.store.release(token, for: other)
            try await expect(tenant.reserve(token, for: attempt), is: stream)
            try await expect(tenant.state().held, is: 1)
            try await fixture.store.release(token, for: attempt)
            _ = try await tenant.open(token, for: other)
        },
        StoreContract("the end of a lease frees the token, and a later commit is lost") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt, other) = (try await tenant.mint(), fixture.attempt(), fixture.attempt())
            _ = try await tenant.reserve(token, for: attempt)
            fixture.clock.advance(Tenant.lease)
            try await expect(tenant.state().held, is: 0)
            try await expect(fixture.store.commit(token, for: attempt), is: .lost)
            _ = try await tenant.open(token, for: other)
            try await expect(fixture.store.commit(token, for: attempt), is: .lost)
        },
        StoreContract("a reservation outlives the token's expiry, and its release leaves an expired token") { fixture in
            let tenant = try await fixture.tenant()
            let (first, second) = (try await tenant.mint(ttl: 1), try await tenant.mint(ttl: 1))
            let attempts = [fixture.attempt(), fixture.attempt()]
            fixture.clock.advance(999)
            _ = try await tenant.reserve(first, for: attempts[0])
            _ = try await tenant.reserve(second, for: attempts[1])
            fixture.clock.advance(Tenant.lease - 1)
            try await expect(fixture.store.reserve(first, for: fixture.attempt(), lease: 1000), is: .refused(.inUse))
            try await expect(fixture.store.commit(first, for: attempts[0]), is: .committed)
            try await fixture.store.release(second, for: attempts[1])
            try await expect(fixture.store.show(second), is: .unknown)
            try await expect(
                fixture.store.reserve(second, for: attempts[1], lease: 1000),
                is: .refused(.invalid(.expired))
            )
        },
        StoreContract("a check returns what a reservation would, and changes nothing") { fixture in
            let tenant = try await fixture.tenant(credits: 2, maxStreams: 2)
            let (store, attempt) = (fixture.store, fixture.attempt())
            let (token, spare) = (try await tenant.mint(), try await tenant.mint())
            let third = try await tenant.mint(ttl: 1)
            try await expect(store.check(tenant.newToken()), is: .invalid(.unknown))
            let before = try await tenant.state()
            for _ in 0..<5 { try await expect(store.check(token), is: nil) }
            try await expect(tenant.state(), is: before)
            _ = try await tenant.reserve(token, for: attempt)
            try await expect(store.check(token), is: .inUse)
            fixture.clock.advance(Tenant.lease)
            try await expect(store.check(third), is: .invalid(.expired))
            try await expect(store.check(token), is: nil)
            try await expect(store.commit(token, for: attempt), is: .lost)
            _ = try await tenant.open(token, for: attempt)
            try await expect(store.check(token), is: .invalid(.used))
            try await expect(store.check(spare), is: nil)
            #expect(try await store.setMaxStreams(1, of: tenant.name))
            try await expect(store.check(spare), is: .tooManyStreams)
            #expect(try await store.setCredits(0, of: tenant.name))
            try await expect(store.check(spare), is: .noCredits)
            _ = try await store.revoke(spare)
            try await expect(store.check(spare), is: .invalid(.revoked))
        },
        StoreContract("a check respects the epochs of organization and key") { fixture in
            let tenant = try await fixture.tenant()
            let first = try await tenant.mint()
            #expect(try await fixture.store.revokeTokens(of: tenant.name))
            try await expect(fixture.store.check(first), is: .invalid(.revoked))
            let second = try await tenant.mint()
            try await expect(fixture.store.check(second), is: nil)
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            try await expect(fixture.store.check(second), is: .invalid(.revoked))
        },
        StoreContract("an expired token cannot be reserved, and becomes unknown after a minute") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt) = (try await tenant.mint(ttl: 300), fixture.attempt())
            fixture.clock.advance(300_000)
            for wait in [59_999, 1] {
                try await expect(
                    fixture.store.reserve(token, for: attempt, lease: 1000),
                    is: .refused(.invalid(.expired))
                )
                try await expect(fixture.store.show(token), is: .unknown)
                fixture.clock.advance(wait)
            }
            try await expect(fixture.store.check(token), is: .invalid(.unknown))
        },
        StoreContract("a token reserved until after its expiry expires when its lease ends") { fixture in
            let tenant = try await fixture.tenant()
            let token = try await tenant.mint(ttl: 1)
            fixture.clock.advance(999)
            _ = try await tenant.reserve(token, for: fixture.attempt())
            fixture.clock.advance(Tenant.lease)
            try await expect(fixture.store.check(token), is: .invalid(.expired))
            fixture.clock.advance(60_000)
            try await expect(fixture.store.check(token), is: .invalid(.unknown))
        },
        StoreContract("commit and release may be repeated") { fixture in
            let tenant = try await fixture.tenant(credits: 5)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            _ = try await tenant.open(token, for: attempt)
            try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            try await expect(tenant.state().credits, is: 4)
            try await expect(tenant.state().open, is: 1)
            for _ in 0..<3 {
                try await fixture.store.release(token, for: attempt)
                try await expect(tenant.state().credits, is: 5)
                try await expect(tenant.state().open, is: 0)
            }
            try await expect(fixture.store.commit(token, for: attempt), is: .lost)
            _ = try await tenant.open(token, for: fixture.attempt())
            try await fixture.store.release(token, for: attempt)
            try await expect(tenant.state().credits, is: 4)
        },
        StoreContract(
            "a used token becomes unknown after two minutes, or after its ttl if that is longer"
        ) { fixture in
            let tenant = try await fixture.tenant()
            for (ttl, lifetime) in [(60, 120_000), (300, 300_000)] {
                let (token, attempt) = (try await tenant.mint(ttl: ttl), fixture.attempt())
                let stream = try await tenant.open(token, for: attempt)
                let at = fixture.clock.now
                fixture.clock.advance(lifetime - 1)
                try await expect(fixture.store.show(token), is: .used(keyID: stream.keyID, at: at))
                try await expect(fixture.store.commit(token, for: attempt), is: .committed)
                fixture.clock.advance(1)
                try await expect(fixture.store.show(token), is: .unknown)
                try await expect(fixture.store.commit(token, for: attempt), is: .lost)
            }
        },
    ]
}
