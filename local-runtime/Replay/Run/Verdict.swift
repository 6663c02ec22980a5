package import LocalRuntimeConsole
package import LocalRuntimeFixtures

/// The result of a fixture in a back end.
package struct ReplayResult: Sendable {
    package let files: FixtureFiles
    package let backEnd: String
    package let verdict: Verdict
    package let duration: Duration
}

extension [ReplayResult] {
    /// The names of the back ends, each once and in order.
    var backEnds: [String] {
        reduce(into: []) { names, result in
            if !names.contains(result.backEnd) { names.append(result.backEnd) }
        }
    }
}

/// The verdict on a fixture.
package enum Verdict: Sendable {
    case passed
    /// Nothing to compare with. Fine unless the status is 500 or above.
    case withoutExpectation(status: Int, cause: String?, update: FixtureUpdate? = nil)
    case failed(Failure)
    /// The back end cannot run it.
    case notCarried(String)
    case unreadable(String)
    case couldNotRun(String)

    /// The event that did not meet its expectation.
    package struct Failure: Sendable {
        package let mismatches: [Mismatch]
        /// As a command line, without secrets.
        package var request: String?
        /// The function's reason, for its operator.
        package var log: String?
        /// The expectation that would pass.
        package var update: FixtureUpdate?
    }

    /// The update with which it would pass, if that is known.
    package var update: FixtureUpdate? {
        switch self {
        case .withoutExpectation(_, _, let update): update
        case .failed(let failure): failure.update
        case .passed, .notCarried, .unreadable, .couldNotRun: nil
        }
    }

    /// The exit code of the command if this were its only verdict.
    package var exitCode: ExitCode {
        switch self {
        case .passed, .notCarried: .success
        case .withoutExpectation(let status, _, _): status < 500 ? .success : .expectationFailed
        case .failed: .expectationFailed
        case .unreadable: .unreadableFixture
        case .couldNotRun: .couldNotRun
        }
    }

    /// The verdict in reports for programs.
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
