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
        case .withoutExpectation(let status):
            return line("ok?", .yellow, "\(files.name)  no expectation; status \(status)")
        case .failed(let mismatches, let cause):
            let differences = mismatches.map { mismatch in
                """
                        \(files.expectation)#\(mismatch.pointer)
                          expected  \(mismatch.expected)
                          actual    \(mismatch.actual)

                """
            }
            let explanation = cause.map { "        the function's reason: \($0)\n" } ?? ""
            return line("FAIL", .red, files.name) + differences.joined() + explanation
        case .unreadable(let reason):
            return line("ERROR", .red, reason)
        case .couldNotRun(let reason):
            return line("ERROR", .red, "\(files.name): could not run: \(reason)")
        }
    }

    private func line(_ word: String, _ color: Output.Color, _ text: String) -> String {
        output.colored(word.padded(to: 5), color) + "   \(text)\n"
    }

    private func summary(_ verdicts: [Verdict]) -> String {
        var counts = (passed: 0, failed: 0, unexpected: 0, unreadable: 0, notRun: 0)
        for verdict in verdicts {
            switch verdict {
            case .passed: counts.passed += 1
            case .withoutExpectation: counts.unexpected += 1
            case .failed: counts.failed += 1
            case .unreadable: counts.unreadable += 1
            case .couldNotRun: counts.notRun += 1
            }
        }
        let parts = [
            "\(counts.passed) passed", "\(counts.failed) failed",
            counts.unexpected > 0 ? "\(counts.unexpected) without expectation" : nil,
            counts.unreadable > 0 ? "\(counts.unreadable) unreadable" : nil,
            counts.notRun > 0 ? "\(counts.notRun) could not run" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
