/// Tells what became of fixtures: a line each, what differs below it, and the counts.
struct ReplayReport {
    let output: Output

    func print(_ results: [ReplayResult]) {
        let contracts = ReplayContract.allCases.filter { contract in results.contains { $0.contract == contract } }
        for result in results {
            let name = contracts == [.direct] ? result.files.name : "\(result.files.name) (\(result.contract.rawValue))"
            output.text(Secrets.masked(text(result, name)))
        }
        output.line("")
        if contracts.count > 1 { printTable(contracts, results) }
        output.line(ReplayCounts(results.map(\.verdict)).summary)
    }

    private func printTable(_ contracts: [ReplayContract], _ results: [ReplayResult]) {
        var table = Table(header: ["contract", "passed", "failed", "not carried"])
        for contract in contracts {
            let counts = ReplayCounts(results.filter { $0.contract == contract }.map(\.verdict))
            let numbers = [counts.passed, counts.failed + counts.unreadable + counts.notRun, counts.notCarried]
            table.rows.append([contract.rawValue] + numbers.map(String.init))
        }
        for line in table.aligned { output.line(line) }
        output.line("")
    }

    private func text(_ result: ReplayResult, _ name: String) -> String {
        switch result.verdict {
        case .passed:
            return line("ok", .green, name)
        case .withoutExpectation(let status, let cause):
            let text = "\(name)  no expectation; status \(status)"
            return status < 500 ? line("ok?", .yellow, text) : line("FAIL", .red, text) + explanation(cause)
        case .failed(let mismatches, let cause):
            let differences = mismatches.map { mismatch in
                """
                        \(result.files.expectation)#\(mismatch.pointer)
                          expected  \(mismatch.expected)
                          actual    \(mismatch.actual)

                """
            }
            return line("FAIL", .red, name) + differences.joined() + explanation(cause)
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
        cause.map { "        the function's reason: \($0)\n" } ?? ""
    }
}
