import FoundationEssentials
import FunctionCore

/// Finds problems in one fixture: what its readers reject, and what they accept though it is hardly intended.
package struct FixtureLint {
    package let files: FixtureFiles
    /// Whether a scenario delivers its event, which then needs no expectation of its own.
    package var isDelivered = false

    package init(files: FixtureFiles, isDelivered: Bool = false) {
        self.files = files
        self.isDelivered = isDelivered
    }

    package var findings: [Finding] {
        guard !files.hasReservedName else { return error(FixtureFiles.reservedName, mend: "rename it") }
        return switch files.kind {
        case .event: eventFindings
        case .scenario: scenarioFindings
        }
    }

    private var eventFindings: [Finding] {
        let exists = FileManager.default.fileExists(atPath:)
        guard exists(files.event) || !exists(files.expectation) else {
            return error("there is no event beside it", mend: "write \(files.event), or remove this")
        }
        let (event, refusals) = read(files.event, isEvent: true) { json throws(FixtureError) in
            try FixtureError.reading(try Template(json, at: .root, EventReader.request))
        }
        let mistakes = event.map { EventLint(event: $0.source, pointer: .root).mistakes } ?? []
        return refusals + mistakes.map { Finding($0, in: files.event) } + expectationFindings(event)
    }

    private func expectationFindings(_ event: Template<Request>?) -> [Finding] {
        guard FileManager.default.fileExists(atPath: files.expectation) else {
            return isDelivered || event == nil
                ? [] : [Finding(in: files.event, "nothing is expected of it", mend: "write \(files.expectation)")]
        }
        let (read, refusals) = read(files.expectation) { json throws(FixtureError) in
            (try Fixture.expectation(json, GivenReader(of: files)), json)
        }
        guard let ((given, expectation), source) = read else { return refusals }
        var mistakes = ExpectationLint(expectation: expectation.source, pointer: .root, given: given).mistakes
        mistakes += GivenLint.mistakes(in: source.member("given"), at: JSONPointer.root.appending("given"))
        var credentials: [Mistake] = []
        if let event {
            if expectation.source.member("status") != .number(401) {
                credentials = CredentialLint.mistakes(in: event.source, at: .root)
            }
            let deliveries = [Delivery(event: event)]
            mistakes += GivenLint(given, deliveries: deliveries, expectations: [expectation.source]).mistakes
        }
        return credentials.map { Finding($0, in: files.event) } + mistakes.map { Finding($0, in: files.expectation) }
    }

    private var scenarioFindings: [Finding] {
        guard !FileManager.default.fileExists(atPath: files.event) else {
            return error("a fixture is a scenario or \(files.event), not both", mend: "rename one of them")
        }
        let (read, refusals) = read(files.expectation) { json throws(FixtureError) in
            let scenario = try Scenario(json, GivenReader(of: files)) { file throws(FixtureError) in
                try FixtureFile.json(files.beside(file), isEvent: true)
            }
            return (scenario, json)
        }
        guard let (scenario, source) = read else { return refusals }
        let deliveries = scenario.steps.flatMap(\.deliveries)
        let expectations = deliveries.flatMap { [$0.expectation, $0.again] }.compactMap(\.self)
        var mistakes = GivenLint.mistakes(in: source.member("given"), at: JSONPointer.root.appending("given"))
        mistakes += ScenarioLint(steps: scenario.steps, source: source).mistakes
        for delivery in deliveries where !delivery.isInFile(of: source) {
            let event = delivery.event
            mistakes += EventLint(event: event.source, pointer: event.pointer).mistakes
            if !delivery.isRejected { mistakes += CredentialLint.mistakes(in: event.source, at: event.pointer) }
        }
        mistakes += expectations.flatMap {
            ExpectationLint(expectation: $0.source, pointer: $0.pointer, given: scenario.given).mistakes
        }
        mistakes += GivenLint(scenario.given, deliveries: deliveries, expectations: expectations.map(\.source)).mistakes
        return mistakes.map { Finding($0, in: files.expectation) }
    }

    private func error(_ text: String, mend: String) -> [Finding] {
        [Finding(.error, in: files.expectation, text, mend: mend)]
    }

    /// Reads and parses a file. The value is nil if that fails, and the findings say why.
    private func read<Value>(
        _ file: String,
        isEvent: Bool = false,
        _ parse: (JSON) throws(FixtureError) -> Value
    ) -> (Value?, [Finding]) {
        do throws(FixtureError) {
            return (try parse(try FixtureFile.json(file, isEvent: isEvent)), [])
        } catch {
            return (nil, [Finding(error, in: file)])
        }
    }
}

extension Delivery {
    /// Whether a 401 is expected.
    fileprivate var isRejected: Bool {
        [expectation, again].contains { $0?.source.member("status") == .number(401) }
    }

    /// Whether its event has a file of its own, which is checked by itself. `scenario` is as it is written.
    fileprivate func isInFile(of scenario: JSON) -> Bool {
        scenario.value(at: event.pointer.tokens)?.kind == .string
    }
}
