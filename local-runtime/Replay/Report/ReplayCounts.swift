import LocalRuntimeConsole

/// How many verdicts there are of each kind.
struct ReplayCounts {
    private(set) var passed = 0
    private(set) var failed = 0
    private(set) var withoutExpectation = 0
    private(set) var notCarried = 0
    private(set) var unreadable = 0
    private(set) var notRun = 0

    init(_ verdicts: [Verdict]) {
        for verdict in verdicts {
            switch (verdict, verdict.exitCode) {
            case (.withoutExpectation, .success): withoutExpectation += 1
            case (.notCarried, _): notCarried += 1
            case (_, .success): passed += 1
            case (_, .unreadableFixture): unreadable += 1
            case (_, .couldNotRun): notRun += 1
            case (_, .expectationFailed), (_, .commandLine): failed += 1
            }
        }
    }

    /// All of them in a line.
    var summary: String {
        let parts = [
            "\(passed) passed", "\(failed) failed",
            withoutExpectation > 0 ? "\(withoutExpectation) without expectation" : nil,
            notCarried > 0 ? "\(notCarried) not carried" : nil,
            unreadable > 0 ? "\(unreadable) unreadable" : nil,
            notRun > 0 ? "\(notRun) could not run" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
