import FunctionCore
import LocalRuntimeFixtures

/// Runs one fixture's steps in order, and stops at the first that does not meet its expectation.
struct FixtureRun {
    private let session: any Session
    private var outcomes: StepResponses
    private var last: Outcome?
    private var expectsAnything = false

    init(_ session: any Session, environment: [String: String]) {
        self.session = session
        outcomes = StepResponses(environment: environment)
    }

    mutating func verdict(on fixture: Fixture) async throws -> Verdict {
        for step in fixture.steps {
            if let failure = try await failure(of: step) { return .failed(failure) }
        }
        if !expectsAnything, let last {
            let members = Snapshot().members(of: last.response, body: last.body, isComplete: last.isComplete)
            let update = FixtureUpdate(pointer: .root, expectation: .object(members))
            return .withoutExpectation(status: last.response.status.code, cause: last.response.cause, update: update)
        }
        return .passed
    }

    private mutating func failure(of step: Step) async throws -> Verdict.Failure? {
        switch step {
        case .advance(let span):
            try await session.advance(by: span)
            return nil
        case .deliver(let delivery):
            let delivered = try await deliver(delivery)
            note(delivered, of: delivery)
            return delivered.failure
        case .parallel(let deliveries, let statuses, let pointer):
            return try await failure(of: deliveries, statuses, at: pointer)
        }
    }

    private mutating func failure(
        of deliveries: [Delivery],
        _ statuses: Pattern?,
        at pointer: JSONPointer
    ) async throws -> Verdict.Failure? {
        let all = deliveries.flatMap { Array(repeating: $0, count: $0.times) }
        let run = self
        let delivered = try await withThrowingTaskGroup(of: (Int, Delivered).self) { group in
            for (index, delivery) in all.enumerated() {
                group.addTask { (index, try await run.deliver(delivery)) }
            }
            var delivered: [Int: Delivered] = [:]
            for try await (index, one) in group { delivered[index] = one }
            return all.indices.compactMap { delivered[$0] }
        }
        for (delivery, one) in zip(all, delivered) { note(one, of: delivery) }
        if let failure = delivered.lazy.compactMap(\.failure).first { return failure }
        guard let statuses else { return nil }
        expectsAnything = true
        let counts = Dictionary(grouping: delivered.compactMap(\.outcome), by: \.response.status.code)
        let members = counts.sorted { $0.key < $1.key }.map {
            JSON.Member(name: String($0.key), value: .number($0.value.count))
        }
        let actual = JSON.object(members)
        let place = pointer.appending("statuses")
        let mismatches = statuses.mismatches(actual, at: place)
        guard !mismatches.isEmpty else { return nil }
        return Verdict.Failure(mismatches: mismatches, update: FixtureUpdate(pointer: place, expectation: actual))
    }

    private mutating func note(_ delivered: Delivered, of delivery: Delivery) {
        if let name = delivery.name, let outcome = delivered.outcome { outcomes.add(outcome, of: name) }
        last = delivered.outcome ?? last
        if delivery.expectation != nil || delivery.again != nil { expectsAnything = true }
    }

    private struct Delivered: Sendable {
        /// The outcome of the first delivery.
        var outcome: Outcome?
        var failure: Verdict.Failure?
    }

    private func deliver(_ delivery: Delivery) async throws -> Delivered {
        let request: Request
        do throws(JSONDocumentError) {
            request = try delivery.event.value(outcomes)
        } catch {
            return Delivered(failure: Verdict.Failure(mismatches: [Mismatch(error)]))
        }
        let first = try await deliver(request, delivery.faults, delivery.expectation)
        guard first.failure == nil, let again = delivery.again else { return first }
        let second = try await deliver(request, .none, again)
        return Delivered(outcome: first.outcome, failure: second.failure)
    }

    private func deliver(
        _ request: Request,
        _ faults: Faults,
        _ template: Template<Expectation>?
    ) async throws -> Delivered {
        var outcome = try await session.deliver(request, under: faults)
        if var headers = outcome?.response.headers {
            session.restoreNames(in: &headers)
            outcome?.response.headers = headers
        }
        guard let template else { return Delivered(outcome: outcome) }
        let expectation: Expectation
        do throws(JSONDocumentError) {
            expectation = try template.value(outcomes)
        } catch {
            return Delivered(outcome: outcome, failure: Verdict.Failure(mismatches: [Mismatch(error)]))
        }
        let contents = expectation.store == nil ? nil : try await session.contents()
        outcome?.store = contents
        var mismatches = outcome.map(expectation.mismatches) ?? expectation.mismatchesWithoutResponse(contents)
        if let outcome, let operation = faults.killed {
            let actual = "status \(outcome.response.status.code), because \(operation.rawValue) did not come"
            mismatches.append(Mismatch(at: template.pointer, expected: "a process that is killed", actual: actual))
        }
        guard !mismatches.isEmpty else { return Delivered(outcome: outcome) }
        let failure = Verdict.Failure(
            mismatches: mismatches,
            request: CurlLine.text(request, at: session.origin(of: request)),
            log: outcome?.response.cause,
            update: FixtureUpdate(
                pointer: template.pointer,
                expectation: expectation.updated(template.source, to: outcome, storeHolds: contents)
            )
        )
        return Delivered(outcome: outcome, failure: failure)
    }
}

extension Mismatch {
    /// The mismatch for a step that refers to a value that does not exist.
    fileprivate init(_ error: JSONDocumentError) {
        switch error {
        case .shape(let pointer, let reason): self.init(at: pointer, expected: "the value it refers to", actual: reason)
        case .syntax(let error): self.init(at: .root, expected: "JSON", actual: error.description)
        }
    }
}
