/// What became of a fixture.
enum Verdict: Sendable {
    case passed
    /// There is nothing to compare with; the answer was at least no failure of the function.
    case withoutExpectation(status: Int)
    /// `cause` is what the function tells its operator.
    case failed([Mismatch], cause: String?)
    case unreadable(String)
    case couldNotRun(String)

    /// What alone it would make the command exit with.
    var exitCode: ExitCode {
        switch self {
        case .passed, .withoutExpectation: .success
        case .failed: .expectationFailed
        case .unreadable: .unreadableFixture
        case .couldNotRun: .couldNotRun
        }
    }
}
