/// Tells what became of fixtures: a line each, what differs below it, and the counts.
struct ReplayReport {
    let output: Output

    func print(_ verdicts: [(files: FixtureFiles, verdict: Verdict)]) {
        for (files, verdict) in verdicts { output.text(Secrets.masked(text(files, verdict))) }
        output.line("")
        output.line(summary(verdicts.map(\.verdict)))
    }

    private func text(_ files: FixtureFiles, _ verdict: Verdict) -> String {
        switch verdict {
        case .passed:
            return line("ok", .green, files.name)
        case .withoutExpectation(let status, let cause):
            let text = "\(files.name)  no expectation; status \(status)"
            return status < 500 ? line("ok?", .yellow, text) : line("FAIL", .red, text) + explanation(cause)
        case .failed(let mismatches, let cause):
            let differences = mismatches.map { mismatch in
                """
                        \(files.expectation)#\(mismatch.pointer)
                          expected  \(mismatch.expected)
                          actual    \(mismatch.actual)

                """
            }
            return line("FAIL", .red, files.name) + differences.joined() + explanation(cause)
        case .unreadable(let reason):
            return line("ERROR", .red, reason)
        case .couldNotRun(let reason):
            return line("ERROR", .red, "\(files.name): could not run: \(reason)")
        }
    }

    private func line(_ word: String, _ color: Output.Color, _ text: String) -> String {
        output.colored(word.padded(to: 5), color) + "   \(text)\n"
    }

    private func explanation(_ cause: String?) -> String {
        cause.map { "        the function's reason: \($0)\n" } ?? ""
    }

    private func summary(_ verdicts: [Verdict]) -> String {
        var counts = (passed: 0, failed: 0, withoutExpectation: 0, unreadable: 0, notRun: 0)
        for verdict in verdicts {
            switch (verdict, verdict.exitCode) {
            case (.withoutExpectation, .success): counts.withoutExpectation += 1
            case (_, .success): counts.passed += 1
            case (_, .unreadableFixture): counts.unreadable += 1
            case (_, .couldNotRun): counts.notRun += 1
            case (_, .expectationFailed), (_, .commandLine): counts.failed += 1
            }
        }
        let parts = [
            "\(counts.passed) passed", "\(counts.failed) failed",
            counts.withoutExpectation > 0 ? "\(counts.withoutExpectation) without expectation" : nil,
            counts.unreadable > 0 ? "\(counts.unreadable) unreadable" : nil,
            counts.notRun > 0 ? "\(counts.notRun) could not run" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
