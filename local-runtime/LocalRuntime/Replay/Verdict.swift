/// What became of a fixture.
enum Verdict: Sendable {
    case passed
    /// There is nothing to compare with; fine unless the status is that of a failure, 500 or above.
    case withoutExpectation(status: Int, cause: String?)
    /// `cause` is what the function tells its operator.
    case failed([Mismatch], cause: String?)
    /// The contract has no room for such a request.
    case notCarried(String)
    case unreadable(String)
    case couldNotRun(String)

    /// What alone it would make the command exit with.
    var exitCode: ExitCode {
        switch self {
        case .passed, .notCarried: .success
        case .withoutExpectation(let status, _): status < 500 ? .success : .expectationFailed
        case .failed: .expectationFailed
        case .unreadable: .unreadableFixture
        case .couldNotRun: .couldNotRun
        }
    }
}
