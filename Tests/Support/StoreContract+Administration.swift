import StreamTokens
import Testing

extension StoreContract {
    static let administration = [
        StoreContract("an organization is made once, with unlimited credits") { fixture in
            let tenant = try await fixture.tenant()
            let organization = try await fixture.store.organization(named: tenant.name) { .random(fixture.bits) }
            #expect(
                organization
                    == Organization(name: tenant.name, tag: tenant.tag, credits: nil, maxStreams: 100, held: 0, open: 0)
            )
            #expect(try await fixture.store.organizations().contains(organization))
            try await expect(fixture.store.findOrganization(named: "no \(tenant.name)"), is: nil)
        },
        StoreContract("two organizations never share a tag") { fixture in
            let tenant = try await fixture.tenant()
            let fresh = Tag.random(fixture.bits)
            let candidates = ScriptedTags([tenant.tag, tenant.tag, fresh])
            let other = try await fixture.store.organization(named: "other \(tenant.name)", candidates: candidates.next)
            #expect(other.tag == fresh)
            try await expect(tenant.state().name, is: tenant.name)
        },
        StoreContract("credits are set, added to and lifted") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            #expect(try await store.addCredits(5, to: tenant.name))
            try await expect(tenant.state().credits, is: nil)
            #expect(try await store.setCredits(3, of: tenant.name))
            #expect(try await store.addCredits(5, to: tenant.name))
            #expect(try await store.addCredits(5, to: tenant.name))
            try await expect(tenant.state().credits, is: 13)
            #expect(try await store.setCredits(nil, of: tenant.name))
            try await expect(tenant.state().credits, is: nil)
        },
        StoreContract("operations on a missing organization or key do nothing") { fixture in
            let (store, name) = (fixture.store, "nobody \(fixture.bits())")
            #expect(try await !store.setCredits(3, of: name))
            #expect(try await !store.addCredits(3, to: name))
            #expect(try await !store.setMaxStreams(3, of: name))
            #expect(try await !store.revokeTokens(of: name))
            let key = APIKey.random(tag: .random(fixture.bits), fixture.bits).key
            #expect(try await !store.setKey(key.id, enabled: true))
            await #expect(throws: StoreError.self) { try await store.addKey(key, limit: .default) }
            try await store.useKey(key, requests: 3)
            for reference in [KeyReference.id(key.id), .key(key)] {
                try await expect(store.findKey(reference), is: nil)
                #expect(try await !store.setKey(reference, enabled: false))
                #expect(try await !store.updateKey(reference, KeyChange(limit: 3)))
                #expect(try await !store.removeKey(reference))
            }
            #expect(try await !store.removeOrganization(named: name))
            try await expect(store.findOrganization(named: name), is: nil)
            try await expect(store.keys(of: name), is: [])
        },
        StoreContract("keys are listed by organization and id, without their secrets") { fixture in
            let tenant = try await fixture.tenant(limit: RateLimit(limit: 7, window: 2000))
            let other = APIKey.random(tag: tenant.tag, fixture.bits).key
            try await fixture.store.addKey(other, limit: .default)
            #expect(try await fixture.store.setKey(other.id, enabled: false))
            let expected = [
                KeyRecord(
                    id: tenant.key.id,
                    organization: tenant.name,
                    enabled: true,
                    rate: RateLimit(limit: 7, window: 2000)
                ),
                KeyRecord(id: other.id, organization: tenant.name, enabled: false, rate: .default),
            ].sorted { $0.id < $1.id }
            try await expect(fixture.store.keys(of: tenant.name), is: expected)
            try await expect(fixture.store.keys(of: nil).filter { $0.organization == tenant.name }, is: expected)
        },
        StoreContract("a key that is added again has the new limit and stays disabled") { fixture in
            let tenant = try await fixture.tenant()
            #expect(try await fixture.store.setKey(tenant.key.id, enabled: false))
            try await fixture.store.addKey(tenant.key, limit: .default)
            let key = KeyRecord(id: tenant.key.id, organization: tenant.name, enabled: false, rate: .default)
            try await expect(fixture.store.keys(of: tenant.name), is: [key])
        },
        StoreContract("nothing of a removed organization is left") { fixture in
            let tenant = try await fixture.tenant()
            let (token, reserved) = (try await tenant.mint(), try await tenant.mint())
            let attempt = fixture.attempt()
            _ = try await tenant.reserve(reserved, for: attempt)
            let stream = try await tenant.open(tenant.mint(), for: fixture.attempt())
            #expect(try await fixture.store.removeOrganization(named: tenant.name))
            #expect(try await !fixture.store.removeOrganization(named: tenant.name))
            try await expect(fixture.store.findOrganization(named: tenant.name), is: nil)
            try await expect(fixture.store.show(token), is: .unknown)
            try await expect(fixture.store.mint(tenant.newToken(), with: tenant.key, ttl: 60), is: .unauthorized)
            try await expect(fixture.store.commit(reserved, for: attempt), is: .lost)
            try await expect(
                fixture.store.renew([stream], of: tenant.tag),
                is: [LostStream(stream.attempt, .forgotten)]
            )
            #expect(try await !fixture.store.setKey(tenant.key.id, enabled: true))
            let again = try await fixture.store.organization(named: tenant.name) { tenant.tag }
            #expect(again.open == 0)
            #expect(again.held == 0)
            try await expect(fixture.store.keys(of: tenant.name), is: [])
        },
        StoreContract("two organizations may have names that only look the same") { fixture in
            let (composed, decomposed) = ("caf\u{E9} \(fixture.bits())", "cafe\u{301} ")
            let other = decomposed + composed.dropFirst(5)
            let first = try await fixture.store.organization(named: composed) { .random(fixture.bits) }
            let second = try await fixture.store.organization(named: other) { .random(fixture.bits) }
            #expect(first.tag != second.tag)
            #expect(try await fixture.store.setCredits(3, of: other))
            try await expect(fixture.store.findOrganization(named: composed)?.credits, is: nil)
            try await expect(fixture.store.findOrganization(named: other)?.credits, is: 3)
            #expect(try await fixture.store.removeOrganization(named: other))
            try await expect(fixture.store.findOrganization(named: composed)?.tag, is: first.tag)
        },
        StoreContract("a lower limit of open streams refuses the next stream, and ends none") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let first = try await tenant.open(tenant.mint(), for: fixture.attempt())
            let second = try await tenant.open(tenant.mint(), for: fixture.attempt())
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            #expect(try await store.setMaxStreams(1, of: tenant.name))
            try await expect(tenant.state().maxStreams, is: 1)
            try await expect(store.renew([first, second], of: tenant.tag), is: [])
            try await expect(store.reserve(token, for: attempt, lease: 1000), is: .refused(.tooManyStreams))
            #expect(try await store.setMaxStreams(3, of: tenant.name))
            let stream = try await tenant.reserve(token, for: attempt)
            // A stream reserved within the limit opens even if the limit was lowered since.
            #expect(try await store.setMaxStreams(0, of: tenant.name))
            try await expect(store.commit(token, for: attempt), is: .committed)
            try await expect(store.renew([stream], of: tenant.tag), is: [])
            try await expect(tenant.state().open, is: 3)
        },
        StoreContract("5,000 streams can be renewed in one call") { fixture in
            let (store, tenant) = (fixture.store, try await fixture.tenant())
            let first = try await tenant.open(tenant.mint(), for: fixture.attempt())
            let streams = (1..<5000).map { _ in
                OpenStream(
                    token: first.token,
                    attempt: fixture.attempt(),
                    epoch: first.epoch,
                    keyID: first.keyID,
                    keyEpoch: first.keyEpoch
                )
            }
            try await expect(store.renew([first] + streams, of: tenant.tag), is: [])
            try await expect(tenant.state().open, is: 5000)
        },
        StoreContract("a ping succeeds") { fixture in
            try await fixture.store.ping()
        },
    ]
}
