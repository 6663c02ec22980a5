package import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// What became of a fixture in a back end.
package struct ReplayResult: Sendable {
    package let files: FixtureFiles
    package let backEnd: String
    package let verdict: Verdict
    package let duration: Duration
}

extension [ReplayResult] {
    /// The names of the back ends, each once, in their order.
    var backEnds: [String] {
        reduce(into: []) { names, result in
            if !names.contains(result.backEnd) { names.append(result.backEnd) }
        }
    }
}

/// What became of a fixture.
package enum Verdict: Sendable {
    case passed
    /// There is nothing to compare with; fine unless the status is that of a failure, 500 or above.
    case withoutExpectation(status: Int, cause: String?, update: FixtureUpdate? = nil)
    case failed(Failure)
    /// The way there has no room for it.
    case notCarried(String)
    case unreadable(String)
    case couldNotRun(String)

    /// The event that did not bring what was expected.
    package struct Failure: Sendable {
        package let mismatches: [Mismatch]
        /// As a command line, without secrets.
        package var request: String?
        /// What the function tells its operator.
        package var log: String?
        /// The expectation as it would have to be.
        package var update: FixtureUpdate?
    }

    /// What would have to be written for it to pass, if that is known.
    package var update: FixtureUpdate? {
        switch self {
        case .withoutExpectation(_, _, let update): update
        case .failed(let failure): failure.update
        case .passed, .notCarried, .unreadable, .couldNotRun: nil
        }
    }

    /// What alone it would make the command exit with.
    package var exitCode: ExitCode {
        switch self {
        case .passed, .notCarried: .success
        case .withoutExpectation(let status, _, _): status < 500 ? .success : .expectationFailed
        case .failed: .expectationFailed
        case .unreadable: .unreadableFixture
        case .couldNotRun: .couldNotRun
        }
    }

    /// The verdict alone, as programs read it.
    package var word: String {
        switch self {
        case .passed: "passed"
        case .withoutExpectation: "without_expectation"
        case .failed: "failed"
        case .notCarried: "not_carried"
        case .unreadable: "unreadable"
        case .couldNotRun: "could_not_run"
        }
    }
}
