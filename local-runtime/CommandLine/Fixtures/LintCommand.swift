import FunctionCore
import FunctionEventLoop
import LocalRuntimeConsole
import LocalRuntimeFixtures

/// `local-runtime lint`
struct LintCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["lint"],
        operands: "[PATH...]",
        summary: "Find mistakes in event fixtures, and say how to correct them",
        details: """
            PATH is a folder, a file or a fixture's name (default events/).
            An error is a fixture that cannot be read. A warning is a fixture that probably does
            not say what was meant: a header in upper case in an event of a platform that sends
            lower case, a matcher that matches nothing, a key that no event uses, a given in
            givens.json that no fixture names.
            No event is delivered; local-runtime replay does that.

            Exit codes: 0 no errors, 2 errors, 4 warnings only, with --strict.
            """,
        options: [.init(name: "--strict", summary: "Exit with 4 if there are warnings")]
    )

    private let paths: [String]
    private let isStrict: Bool

    init(_ arguments: Arguments) throws(CommandFailure) {
        paths = FixtureChoice(arguments).paths
        isStrict = arguments.isSet("--strict")
    }

    func run(_ console: Console, on loop: EventLoop) async throws(CommandFailure) -> ExitCode {
        let fixtures = try FixtureFiles.find(paths)
        let delivered = Set(fixtures.flatMap(\.deliveredEvents))
        var counts: [Finding.Severity: Int] = [:]
        // All fixtures that use a file of givens report its errors.
        var told: Set<Finding> = []
        func tell(_ findings: [Finding]) {
            for finding in findings where told.insert(finding).inserted {
                counts[finding.severity, default: 0] += 1
                console.output.line(finding.line(on: console.output))
            }
        }
        for files in fixtures {
            tell(FixtureLint(files: files, isDelivered: delivered.contains(files.event)).findings)
        }
        // Every fixture that can use a file in one of the folders was found there too.
        let used = Self.givens(of: fixtures)
        for file in try GivensFile.find(paths) { tell(GivensLint(path: file, used: used[file] ?? []).findings) }
        let (errors, warnings) = (counts[.error] ?? 0, counts[.warning] ?? 0)
        let parts = [fixtures.count.counted("fixture"), errors.counted("error"), warnings.counted("warning")]
        console.output.line(parts.joined(separator: ", "))
        guard errors == 0 else { return .unreadableFixture }
        return isStrict && warnings > 0 ? .expectationFailed : .success
    }

    /// The names that fixtures use, by the file that each one is looked up in.
    private static func givens(of fixtures: [FixtureFiles]) -> [String: Set<ExactText>] {
        var names: [String: Set<ExactText>] = [:]
        for files in fixtures {
            guard let name = files.givenName, let file = GivensSearch(from: files.folder).found else { continue }
            names[file, default: []].insert(ExactText(name))
        }
        return names
    }
}
