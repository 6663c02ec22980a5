package import FunctionCore
package import FunctionEventLoop
package import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// A scenario's events, delivered one step after the other, whatever is expected of them.
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
        /// Nil if the process was killed before there was an answer.
        package let outcome: Outcome?

        /// The outcome's response with its body.
        package var answer: Response? {
            outcome.map { outcome in
                var answer = outcome.response
                answer.body = .received(outcome.chunks, isComplete: outcome.isComplete)
                return answer
            }
        }
    }

    package init(_ files: FixtureFiles, environment: [String: String], on loop: EventLoop) {
        self.files = files
        self.environment = environment
        self.loop = loop
    }

    /// Takes all steps, with a store in memory that holds what the scenario gives; `tell` is told of each event.
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
            // What an event refers to did not come.
            throw CommandFailure(exitCode: .expectationFailed, message: "\(files.expectation)\(error)")
        } catch {
            throw .couldNotRun("\(files.expectation): \(error)")
        }
    }

    private func take(_ steps: [Step], _ session: any Session, _ tell: (Delivered) async -> Void) async throws {
        var answers = Answers(environment: environment)
        for (index, step) in steps.enumerated() {
            let title = "step \(index + 1)"
            switch step {
            case .advance(let span):
                try await session.advance(by: span)
            case .deliver(let delivery):
                let request = try delivery.event.value(answers)
                let first = try await session.deliver(request, under: delivery.faults)
                if let name = delivery.name, let first { answers.add(first, of: name) }
                let name = delivery.name.map { "\(title), \($0)" } ?? title
                await tell(Delivered(title: name, delivery: delivery, request: request, outcome: first))
                guard delivery.again != nil else { continue }
                let second = try await session.deliver(request, under: .none)
                await tell(Delivered(title: "\(name), again", delivery: delivery, request: request, outcome: second))
            case .parallel(let deliveries, _, _):
                let all = deliveries.flatMap { Array(repeating: $0, count: $0.times) }
                let delivered = try await atOnce(all, session, answers, title)
                for one in delivered {
                    if let name = one.delivery.name, let outcome = one.outcome { answers.add(outcome, of: name) }
                    await tell(one)
                }
            }
        }
    }

    private func atOnce(
        _ deliveries: [Delivery],
        _ session: any Session,
        _ answers: Answers,
        _ title: String
    ) async throws -> [Delivered] {
        try await withThrowingTaskGroup(of: (Int, Delivered).self) { group in
            for (index, delivery) in deliveries.enumerated() {
                let request = try delivery.event.value(answers)
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
