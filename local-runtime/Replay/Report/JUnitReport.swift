import LocalRuntimeConsole
import LocalRuntimeFixtures

/// A run's results as JUnit's XML: a suite for each back end, a case for each fixture.
enum JUnitReport {
    static func text(_ results: [ReplayResult]) -> String {
        let suites = results.backEnds.map { name in
            let results = results.filter { $0.backEnd == name }
            return "  <testsuite name=\"replay \(escaped(name))\"\(attributes(of: results))>\n"
                + results.map(testCase).joined() + "  </testsuite>\n"
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites\(attributes(of: results))>
            \(suites.joined())</testsuites>

            """
    }

    private static func attributes(of results: [ReplayResult]) -> String {
        let counts = ReplayCounts(results.map(\.verdict))
        let time = results.reduce(Duration.zero) { $0 + $1.duration }
        return
            " tests=\"\(results.count)\" failures=\"\(counts.failed)\" errors=\"\(counts.unreadable + counts.notRun)\""
            + " skipped=\"\(counts.notCarried)\" time=\"\(time.inSeconds)\""
    }

    private static func testCase(_ result: ReplayResult) -> String {
        let parts = result.files.name.split(separator: "/")
        let folder = parts.dropLast().joined(separator: ".")
        let name = parts.last.map(String.init) ?? result.files.name
        let head =
            "    <testcase classname=\"\(escaped(folder))\" name=\"\(escaped(name))\""
            + " file=\"\(escaped(result.files.expectation))\" time=\"\(result.duration.inSeconds)\""
        guard let content = content(of: result) else { return head + "/>\n" }
        return head + ">\n      \(content)\n    </testcase>\n"
    }

    private static func content(of result: ReplayResult) -> String? {
        switch result.verdict {
        case .passed: return nil
        case .withoutExpectation(let status, let cause, _):
            guard result.verdict.exitCode != .success else { return nil }
            return element("failure", "no expectation, and status \(status)", cause ?? "")
        case .failed(let failure):
            let lines = failure.mismatches.map { mismatch in
                "\(result.files.expectation)#\(mismatch.pointer)\n  expected  \(mismatch.expected)\n"
                    + "  actual    \(mismatch.actual)"
            }
            let message = failure.mismatches.first.map { "\($0.pointer): expected \($0.expected), not \($0.actual)" }
            let text = (lines + [failure.request, failure.log].compactMap(\.self)).joined(separator: "\n")
            return element("failure", message ?? "", text)
        case .notCarried(let reason): return "<skipped message=\"\(escaped(reason))\"/>"
        case .unreadable(let reason): return element("error", "unreadable", reason)
        case .couldNotRun(let reason): return element("error", "could not run", reason)
        }
    }

    private static func element(_ name: String, _ message: String, _ text: String) -> String {
        "<\(name) message=\"\(escaped(message))\">\(escaped(text))</\(name)>"
    }

    /// Text as XML takes it; what it has no room for (XML 1.0, section 2.2) becomes U+FFFD.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Else an attribute's value would have a blank there.
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Duration {
    /// Seconds with microseconds: `0.001234`.
    fileprivate var inSeconds: String {
        let microseconds = Int(self / .microseconds(1))
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
