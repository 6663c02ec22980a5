package import LocalRuntimeConsole
import LocalRuntimeFixtures

/// Prints the results: a line for each fixture, its differences below it, and the counts. Failures are repeated at the end,
/// where they are seen.
package struct ReplayReport {
    package let output: Output
    /// Whether to print only failures and counts.
    package let isQuiet: Bool

    package init(output: Output, isQuiet: Bool = false) {
        self.output = output
        self.isQuiet = isQuiet
    }

    package func print(_ results: [ReplayResult]) {
        let backEnds = results.backEnds
        let isPlain = backEnds == [ReplayContract.direct.rawValue]
        let texts = results.map { result in
            let name = isPlain ? result.files.name : "\(result.files.name) (\(result.backEnd))"
            return (text: Secrets.masked(text(result, name)), isFailure: result.verdict.exitCode != .success)
        }
        if !isQuiet { for (text, _) in texts { output.text(text) } }
        let failures = texts.filter(\.isFailure)
        // Failures that are at the end already are not repeated.
        let areLast = texts.suffix(failures.count).allSatisfy(\.isFailure)
        if isQuiet || !areLast {
            if !isQuiet { output.line("\nThe failures again:\n") }
            for (text, _) in failures { output.text(text) }
        }
        if !isQuiet || !failures.isEmpty { output.line("") }
        if backEnds.count > 1 { printTable(backEnds, results) }
        output.line(ReplayCounts(results.map(\.verdict)).summary)
    }

    private func printTable(_ backEnds: [String], _ results: [ReplayResult]) {
        var table = Table(header: ["contract", "passed", "failed", "not carried"])
        for backEnd in backEnds {
            let counts = ReplayCounts(results.filter { $0.backEnd == backEnd }.map(\.verdict))
            let numbers = [counts.passed, counts.failed + counts.unreadable + counts.notRun, counts.notCarried]
            table.rows.append([backEnd] + numbers.map(String.init))
        }
        for line in table.aligned { output.line(line) }
        output.line("")
    }

    private func text(_ result: ReplayResult, _ name: String) -> String {
        switch result.verdict {
        case .passed:
            return line("ok", .green, name)
        case .withoutExpectation(let status, let cause, _):
            let text = "\(name)  no expectation; status \(status)"
            return status < 500 ? line("ok?", .yellow, text) : line("FAIL", .red, text) + explanation(cause)
        case .failed(let failure):
            let differences = failure.mismatches.map { mismatch in
                """
                        \(result.files.expectation)#\(mismatch.pointer)
                          expected  \(mismatch.expected)
                          actual    \(mismatch.actual)

                """
            }
            let request = failure.request.map { "        \($0)\n" } ?? ""
            return line("FAIL", .red, name) + differences.joined() + request + explanation(failure.log)
        case .notCarried(let reason):
            return line("skip", .yellow, "\(name)  not carried: \(reason)")
        case .unreadable(let reason):
            return line("ERROR", .red, reason)
        case .couldNotRun(let reason):
            return line("ERROR", .red, "\(name): could not run: \(reason)")
        }
    }

    private func line(_ word: String, _ color: Output.Color, _ text: String) -> String {
        output.colored(word.padded(to: 5), color) + "   \(text)\n"
    }

    private func explanation(_ cause: String?) -> String {
        guard let cause else { return "" }
        let lines = cause.split(separator: "\n").joined(separator: "\n          ")
        return "        the function's reason: \(lines)\n"
    }
}

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
