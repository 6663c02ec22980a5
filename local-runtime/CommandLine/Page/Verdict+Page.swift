import LocalRuntimeFixtures
import LocalRuntimeReplay

extension Verdict {
    /// Why it is what it is, in lines; nothing where there is nothing to say.
    var explanation: String {
        switch self {
        case .passed: ""
        case .withoutExpectation(let status, _, _): "no expectation; status \(status)"
        case .failed(let failure):
            failure.mismatches.map { "\($0.pointer)\n  expected  \($0.expected)\n  actual    \($0.actual)\n" }.joined()
                + (failure.request.map { "\($0)\n" } ?? "")
                + (failure.log.map { "the function's reason: \($0)\n" } ?? "")
        case .notCarried(let reason), .unreadable(let reason), .couldNotRun(let reason): reason
        }
    }
}
