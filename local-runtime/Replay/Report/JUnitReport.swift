import LocalRuntimeConsole
import LocalRuntimeFixtures

/// A run's results as JUnit's XML: a suite for each back end, a case for each fixture.
///
/// The report is valid by junit-10.xsd, which Jenkins and others check, and each suite by surefire-test-report.xsd. Hence
/// times have three decimals, only suites count skipped cases, no case has a file, and each failure has a type. A single
/// suite is the root element, because Surefire's reports have no element around it.
enum JUnitReport {
    static func text(_ results: [ReplayResult]) -> String {
        let suites = results.backEnds.map { name in suite(name, results.filter { $0.backEnd == name }) }
        let body =
            suites.count == 1 ? suites[0] : "<testsuites\(counts(results))>\n\(suites.joined())</testsuites>\n"
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(body)"
    }

    private static func suite(_ name: String, _ results: [ReplayResult]) -> String {
        let skipped = ReplayCounts(results.map(\.verdict)).notCarried
        return "<testsuite name=\"replay \(escaped(name))\"\(counts(results)) skipped=\"\(skipped)\">\n"
            + results.map(testCase).joined() + "</testsuite>\n"
    }

    private static func counts(_ results: [ReplayResult]) -> String {
        let counts = ReplayCounts(results.map(\.verdict))
        let time = results.reduce(Duration.zero) { $0 + $1.duration }
        return
            " tests=\"\(results.count)\" failures=\"\(counts.failed)\" errors=\"\(counts.unreadable + counts.notRun)\""
            + " time=\"\(time.inSeconds)\""
    }

    private static func testCase(_ result: ReplayResult) -> String {
        let parts = result.files.name.split(separator: "/").filter { $0 != "." && $0 != ".." }
        let folder = parts.dropLast().joined(separator: ".")
        let name = parts.last.map(String.init) ?? result.files.name
        let head =
            "  <testcase classname=\"\(escaped(folder.isEmpty ? "fixtures" : folder))\" name=\"\(escaped(name))\""
            + " time=\"\(result.duration.inSeconds)\""
        guard let content = content(of: result) else { return head + "/>\n" }
        return head + ">\n    \(content)\n  </testcase>\n"
    }

    private static func content(of result: ReplayResult) -> String? {
        switch result.verdict {
        case .passed: return nil
        case .withoutExpectation(let status, let cause, _):
            guard result.verdict.exitCode != .success else { return nil }
            let text = [result.files.event, cause].compactMap(\.self).joined(separator: "\n")
            return element("failure", type: "no expectation", "no expectation, and status \(status)", text)
        case .failed(let failure):
            let lines = failure.mismatches.map { mismatch in
                "\(result.files.expectation)#\(mismatch.pointer)\n  expected  \(mismatch.expected)\n"
                    + "  actual    \(mismatch.actual)"
            }
            let message = failure.mismatches.first.map { "\($0.pointer): expected \($0.expected), not \($0.actual)" }
            let text = (lines + [failure.request, failure.log].compactMap(\.self)).joined(separator: "\n")
            return element("failure", type: "expectation", message ?? "", text)
        case .notCarried(let reason): return "<skipped message=\"\(escaped(reason))\"/>"
        case .unreadable(let reason): return element("error", type: "unreadable", "unreadable", reason)
        case .couldNotRun(let reason): return element("error", type: "could not run", "could not run", reason)
        }
    }

    private static func element(_ name: String, type: String, _ message: String, _ text: String) -> String {
        "<\(name) type=\"\(type)\" message=\"\(escaped(message))\">\(escaped(text))</\(name)>"
    }

    /// Escapes text for XML. Characters that XML does not allow (XML 1.0, section 2.2) become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            // Otherwise a parser would turn it into a blank in an attribute's value.
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
    /// Seconds with milliseconds: `1.234`.
    fileprivate var inSeconds: String {
        let milliseconds = Int(self / .milliseconds(1))
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}
