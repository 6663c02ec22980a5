import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("Many at once")
struct ConcurrencyTests {
    @Test("of a hundred tokens for one credit, only one starts a workflow")
    func oneCredit() async throws {
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8)))])) {
            // Long enough that all other requests come meanwhile.
            for _ in 0..<1000 { await Task.yield() }
        }
        let fixture = try await StreamFixture(workflow, credits: 1)
        var tokens: [String] = []
        for _ in 0..<100 { tokens.append(try await fixture.mint()) }
        let responses = await withTaskGroup(of: CollectedResponse.self) { group in
            for token in tokens { group.addTask { await fixture.ask(StreamFixture.post(token)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(responses.count { $0.status == 200 && $0.text == "a" } == 1)
        #expect(responses.count { $0.status == 402 && $0.code == "invalid_billing" } == 99)
        #expect(workflow.calls.withLock { $0.count } == 1)
        let organization = try await fixture.organization
        #expect([organization.credits, organization.held, organization.open] == [0, 0, 0])
    }

    @Test("of a hundred attempts with one token, only one starts a workflow, and the token is used once")
    func oneToken() async throws {
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8)))])) {
            for _ in 0..<1000 { await Task.yield() }
        }
        let fixture = try await StreamFixture(workflow, credits: 100)
        let token = try await fixture.mint()
        let responses = await withTaskGroup(of: CollectedResponse.self) { group in
            for _ in 0..<100 { group.addTask { await fixture.ask(StreamFixture.post(token)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(responses.count { $0.status == 200 } == 1)
        // 409 before the commit, 401 after it.
        #expect(responses.allSatisfy { [200, 409, 401].contains($0.status) })
        #expect(workflow.calls.withLock { $0.count } == 1)
        try await expect(fixture.organization.credits, is: 99)
    }

    @Test("a stream that ends while leases are renewed does not return to the organization's count")
    func endsDuringRenewal() async throws {
        let fixture = try await StreamFixture(ScriptedWorkflow("a"))
        let maintenance = Task { await fixture.function.maintain() }
        for _ in 0..<200 {
            while fixture.clock.sleeperCount == 0 { await Task.yield() }
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    let token = try await fixture.mint()
                    group.addTask { _ = await fixture.ask(StreamFixture.post(token)) }
                }
                fixture.clock.advance(by: .seconds(1))
                try await group.waitForAll()
            }
        }
        maintenance.cancel()
        await maintenance.value
        try await expect(fixture.organization.open, is: 0)
    }
}
