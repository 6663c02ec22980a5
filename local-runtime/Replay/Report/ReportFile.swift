import FunctionCore
package import LocalRuntimeConsole
import LocalRuntimeFixtures

/// A run's results in a file for other programs.
package struct ReportFile: Sendable {
    enum Format: String, CaseIterable, Sendable {
        /// The format that continuous integration shows (https://github.com/testmoapp/junitxml).
        case junit
        case json
    }

    let format: Format
    package let file: String

    /// Reads `FORMAT FILE`.
    package init(_ text: String) throws(CommandFailure) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let format = Format(rawValue: words[0]) else {
            let formats = Format.allCases.map(\.rawValue).joined(separator: " or ")
            throw .usage("--report must be \(formats), and a file: not \(words[0])")
        }
        self.format = format
        file = words[1]
    }

    /// Writes the whole file, or nothing.
    package func write(_ results: [ReplayResult], seed: UInt64) throws(CommandFailure) {
        let text =
            switch format {
            case .junit: JUnitReport.text(results)
            case .json: JSONReport.text(results, seed: seed)
            }
        do throws(OutputFile.Unwritable) {
            try OutputFile.write(Secrets.masked(text).utf8, to: file)
        } catch {
            throw .couldNotRun(error.description)
        }
    }

    /// Throws if the file certainly cannot be written, before fixtures run in vain.
    package func check() throws(CommandFailure) {
        do throws(OutputFile.Unwritable) {
            try OutputFile.check(file)
        } catch {
            throw .couldNotRun(error.description)
        }
    }
}

/// A run's results as JSON: the counts, and an object for each fixture and back end.
enum JSONReport {
    static func text(_ results: [ReplayResult], seed: UInt64) -> String {
        let counts = ReplayCounts(results.map(\.verdict))
        var json = JSONWriter()
        json.object {
            $0.member("passed", counts.passed)
            $0.member("failed", counts.failed)
            $0.member("without_expectation", counts.withoutExpectation)
            $0.member("not_carried", counts.notCarried)
            $0.member("unreadable", counts.unreadable)
            $0.member("could_not_run", counts.notRun)
            $0.member("seed", Int(seed))
            $0.name("results")
            $0.array { json in
                for result in results { write(result, to: &json) }
            }
        }
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private static func write(_ result: ReplayResult, to json: inout JSONWriter) {
        json.object {
            $0.member("fixture", result.files.name)
            $0.member("back_end", result.backEnd)
            $0.member("duration_us", Int(result.duration / .microseconds(1)))
            $0.member("verdict", result.verdict.word)
            switch result.verdict {
            case .passed: break
            case .withoutExpectation(let status, let cause, _):
                $0.member("status", status)
                if let cause { $0.member("log", cause) }
            case .failed(let failure):
                $0.member("file", result.files.expectation)
                $0.name("mismatches")
                $0.array { json in
                    for mismatch in failure.mismatches {
                        json.object {
                            $0.member("pointer", mismatch.pointer.description)
                            $0.member("expected", mismatch.expected)
                            $0.member("actual", mismatch.actual)
                        }
                    }
                }
                if let request = failure.request { $0.member("request", request) }
                if let log = failure.log { $0.member("log", log) }
            case .notCarried(let reason), .unreadable(let reason), .couldNotRun(let reason):
                $0.member("reason", reason)
            }
        }
    }
}
