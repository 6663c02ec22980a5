import StreamTokens
import Testing

extension StoreContract {
    static let cancellation = [
        StoreContract("operations ignore the cancellation of their caller's task") { fixture in
            let tenant = try await fixture.tenant(credits: 2)
            try await cancelled {
                #expect(Task.isCancelled)
                let (token, attempt) = (try await tenant.mint(), fixture.attempt())
                let stream = try await tenant.reserve(token, for: attempt)
                try await expect(tenant.state().held, is: 1)
                try await fixture.store.release(token, for: attempt)
                try await expect(tenant.state().held, is: 0)
                try await expect(tenant.open(token, for: attempt), is: stream)
                try await expect(fixture.store.renew([stream], of: tenant.tag), is: [])
                try await expect(tenant.state().open, is: 1)
                try await expect(tenant.state().credits, is: 1)
                try await fixture.store.end(attempt, of: tenant.tag)
                try await expect(tenant.state().open, is: 0)
                try await expect(fixture.store.revoke(token), is: .used(keyID: tenant.key.id, at: fixture.clock.now))
                try await expect(fixture.store.renew([stream], of: tenant.tag), is: [LostStream(attempt, .revoked)])
                try await fixture.store.release(token, for: attempt)
                try await expect(tenant.state().credits, is: 2)
                try await fixture.store.ping()
            }
        },
        StoreContract("an operation in flight completes if its caller's task is cancelled") {
            fixture in
            let tenant = try await fixture.tenant()
            for _ in 0..<20 {
                let (token, attempt) = (try await tenant.mint(), fixture.attempt())
                let stream = try await cancelledMeanwhile { try await tenant.reserve(token, for: attempt) }
                let outcome = try await cancelledMeanwhile { try await fixture.store.commit(token, for: attempt) }
                #expect(outcome == .committed)
                let revoked = try await cancelledMeanwhile { try await fixture.store.renew([stream], of: tenant.tag) }
                #expect(revoked == [])
                try await expect(tenant.state().open, is: 1)
                try await cancelledMeanwhile { try await fixture.store.end(attempt, of: tenant.tag) }
                try await cancelledMeanwhile { try await fixture.store.release(token, for: attempt) }
                try await expect(tenant.state().open, is: 0)
                guard case .live = try await fixture.store.show(token) else {
                    Issue.record("the token was not given back")
                    return
                }
            }
        },
    ]
}

/// Runs `body` in a task that is cancelled from its start.
private func cancelled<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.cancelAll()
        group.addTask { try await body() }
        return try #require(try await group.next())
    }
}

/// Runs `body` in a task that is cancelled just after its start.
private func cancelledMeanwhile<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.cancelAll()
        return try #require(try await group.next())
    }
}
