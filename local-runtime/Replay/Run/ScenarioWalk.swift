package import FunctionCore
package import FunctionEventLoop
package import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// Delivers a scenario's events step by step, without comparing the outcomes with the expectations.
package struct ScenarioWalk: Sendable {
    private let files: FixtureFiles
    private let loop: EventLoop
    private let environment: [String: String]

    /// One event that was delivered.
    package struct Delivered: Sendable {
        /// `step 2, open`
        package let title: String
        package let delivery: Delivery
        package let request: Request
        /// Nil if the process was killed before it responded.
        package let outcome: Outcome?

        /// The outcome's response with its body.
        package var response: Response? {
            outcome.map { outcome in
                var response = outcome.response
                response.body = .received(outcome.chunks, isComplete: outcome.isComplete)
                return response
            }
        }
    }

    package init(_ files: FixtureFiles, environment: [String: String], on loop: EventLoop) {
        self.files = files
        self.environment = environment
        self.loop = loop
    }

    /// Runs all steps with a store in memory that holds the scenario's given state. Calls `tell` for each event.
    package func run(_ tell: (Delivered) async -> Void) async throws(CommandFailure) {
        let scenario: Fixture
        do throws(Fixture.Unreadable) {
            scenario = try Fixture(files)
        } catch {
            throw .unreadableFixture(error.description)
        }
        do {
            let (fixture, session) = try await InProcess(contract: .direct, loop: loop).open(scenario)
            do {
                try await take(fixture.steps, session, tell)
                await session.end()
            } catch {
                await session.end()
                throw error
            }
        } catch let error as JSONDocumentError {
            // An event refers to a value that does not exist.
            throw CommandFailure(exitCode: .expectationFailed, message: "\(files.expectation)\(error)")
        } catch {
            throw .couldNotRun("\(files.expectation): \(error)")
        }
    }

    private func take(_ steps: [Step], _ session: any Session, _ tell: (Delivered) async -> Void) async throws {
        var outcomes = StepResponses(environment: environment)
        for (index, step) in steps.enumerated() {
            let title = "step \(index + 1)"
            switch step {
            case .advance(let span):
                try await session.advance(by: span)
            case .deliver(let delivery):
                let request = try delivery.event.value(outcomes)
                let first = try await session.deliver(request, under: delivery.faults)
                if let name = delivery.name, let first { outcomes.add(first, of: name) }
                let name = delivery.name.map { "\(title), \($0)" } ?? title
                await tell(Delivered(title: name, delivery: delivery, request: request, outcome: first))
                guard delivery.again != nil else { continue }
                let second = try await session.deliver(request, under: .none)
                await tell(Delivered(title: "\(name), again", delivery: delivery, request: request, outcome: second))
            case .parallel(let deliveries, _, _):
                let all = deliveries.flatMap { Array(repeating: $0, count: $0.times) }
                let delivered = try await atOnce(all, session, outcomes, title)
                for one in delivered {
                    if let name = one.delivery.name, let outcome = one.outcome { outcomes.add(outcome, of: name) }
                    await tell(one)
                }
            }
        }
    }

    private func atOnce(
        _ deliveries: [Delivery],
        _ session: any Session,
        _ outcomes: StepResponses,
        _ title: String
    ) async throws -> [Delivered] {
        try await withThrowingTaskGroup(of: (Int, Delivered).self) { group in
            for (index, delivery) in deliveries.enumerated() {
                let request = try delivery.event.value(outcomes)
                group.addTask {
                    let outcome = try await session.deliver(request, under: delivery.faults)
                    let title = "\(title), \(delivery.name ?? "\(index + 1) of \(deliveries.count)")"
                    return (index, Delivered(title: title, delivery: delivery, request: request, outcome: outcome))
                }
            }
            var delivered: [Int: Delivered] = [:]
            for try await (index, one) in group { delivered[index] = one }
            return deliveries.indices.compactMap { delivered[$0] }
        }
    }
}
