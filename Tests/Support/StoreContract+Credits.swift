import StreamTokens
import Testing

extension StoreContract {
    static let credits = [
        StoreContract("a reservation holds a credit, and its commit charges it") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (first, second) = (try await tenant.mint(), try await tenant.mint())
            let (attempt, other) = (fixture.attempt(), fixture.attempt())
            _ = try await tenant.reserve(first, for: attempt)
            try await expect(tenant.state().credits, is: 1)
            try await expect(tenant.state().held, is: 1)
            try await expect(fixture.store.reserve(second, for: other, lease: 1000), is: .refused(.noCredits))
            try await fixture.store.release(first, for: attempt)
            try await expect(tenant.state().held, is: 0)
            _ = try await tenant.open(second, for: other)
            try await expect(tenant.state().credits, is: 0)
            try await expect(tenant.state().held, is: 0)
            try await expect(fixture.store.reserve(first, for: attempt, lease: 1000), is: .refused(.noCredits))
            #expect(try await fixture.store.addCredits(2, to: tenant.name))
            _ = try await tenant.open(first, for: attempt)
            try await expect(tenant.state().credits, is: 1)
        },
        StoreContract("a held credit is free again when the lease ends") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (first, second) = (try await tenant.mint(), try await tenant.mint())
            _ = try await tenant.reserve(first, for: fixture.attempt())
            fixture.clock.advance(Tenant.lease - 1)
            let refused = try await fixture.store.reserve(second, for: fixture.attempt(), lease: 1000)
            #expect(refused == .refused(.noCredits))
            fixture.clock.advance(1)
            _ = try await tenant.reserve(second, for: fixture.attempt())
        },
        StoreContract("a held token is committed after credits were lowered; they never fall below 0") { fixture in
            let tenant = try await fixture.tenant(credits: 3)
            var opened: [(token: StreamToken, attempt: Attempt)] = []
            for _ in 0..<3 {
                opened.append((try await tenant.mint(), fixture.attempt()))
                _ = try await tenant.reserve(opened[opened.count - 1].token, for: opened[opened.count - 1].attempt)
            }
            #expect(try await fixture.store.setCredits(1, of: tenant.name))
            for (each, credits) in zip(opened, [0, 0, 0]) {
                try await expect(fixture.store.commit(each.token, for: each.attempt), is: .committed)
                try await expect(fixture.store.commit(each.token, for: each.attempt), is: .committed)
                try await expect(tenant.state().credits, is: credits)
            }
            // Only the first of them was charged.
            for (each, credits) in zip(opened.reversed(), [0, 0, 1]) {
                for _ in 0..<2 { try await fixture.store.release(each.token, for: each.attempt) }
                try await expect(tenant.state().credits, is: credits)
            }
        },
        StoreContract("releasing a commit that charged nothing does not add to credits raised since") { fixture in
            let tenant = try await fixture.tenant(credits: 1)
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            _ = try await tenant.reserve(token, for: attempt)
            #expect(try await fixture.store.setCredits(0, of: tenant.name))
            try await expect(fixture.store.commit(token, for: attempt), is: .committed)
            #expect(try await fixture.store.setCredits(7, of: tenant.name))
            try await fixture.store.release(token, for: attempt)
            try await expect(tenant.state().credits, is: 7)
        },
        StoreContract("releasing a commit that charged nothing adds no credit") { fixture in
            let tenant = try await fixture.tenant()
            let (token, attempt) = (try await tenant.mint(), fixture.attempt())
            _ = try await tenant.open(token, for: attempt)
            #expect(try await fixture.store.setCredits(3, of: tenant.name))
            try await fixture.store.release(token, for: attempt)
            try await expect(tenant.state().credits, is: 3)
            _ = try await tenant.open(token, for: attempt)
            #expect(try await fixture.store.setCredits(nil, of: tenant.name))
            try await fixture.store.release(token, for: attempt)
            try await expect(tenant.state().credits, is: nil)
        },
        StoreContract("reserved and open streams together stay within the organization's limit") { fixture in
            let tenant = try await fixture.tenant(maxStreams: 2)
            let tokens = [try await tenant.mint(), try await tenant.mint(), try await tenant.mint()]
            let stream = try await tenant.open(tokens[0], for: fixture.attempt())
            let attempt = fixture.attempt()
            _ = try await tenant.reserve(tokens[1], for: attempt)
            try await expect(tenant.state().open, is: 1)
            try await expect(tenant.state().held, is: 1)
            let refused = try await fixture.store.reserve(tokens[2], for: fixture.attempt(), lease: 1000)
            #expect(refused == .refused(.tooManyStreams))
            _ = try await tenant.reserve(tokens[1], for: attempt)
            try await fixture.store.end(stream.attempt, of: tenant.tag)
            try await fixture.store.end(stream.attempt, of: tenant.tag)
            _ = try await tenant.reserve(tokens[2], for: fixture.attempt())
        },
        StoreContract("an open stream counts for fifteen seconds from its last renewal") { fixture in
            let tenant = try await fixture.tenant()
            let stream = try await tenant.open(tenant.mint(), for: fixture.attempt())
            fixture.clock.advance(14_999)
            try await expect(fixture.store.renew([stream], of: tenant.tag), is: [])
            fixture.clock.advance(14_999)
            try await expect(tenant.state().open, is: 1)
            fixture.clock.advance(1)
            try await expect(tenant.state().open, is: 0)
            try await expect(fixture.store.renew([stream], of: tenant.tag), is: [])
            try await expect(tenant.state().open, is: 1)
            try await expect(fixture.store.renew([], of: tenant.tag), is: [])
        },
    ]
}
