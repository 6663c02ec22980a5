import FunctionEventLoop
import LocalRuntimeConsole
import LocalRuntimeFixtures

/// `local-runtime lint`
struct LintCommand: WrittenCommand {
    static let syntax = CommandSyntax(
        name: ["lint"],
        operands: "[PATH...]",
        summary: "Tell what is wrong in event fixtures, and how to mend it",
        details: """
            A PATH is a folder, a file, or a fixture's name; without one it is events/.
            An error is what cannot be read; a warning is what can be read, but is hardly
            what was meant: headers in upper case in an event of a platform that sends them
            in lower case, a matcher that holds for nothing, a key that is used by nobody.
            No event is delivered; local-runtime replay does that.

            Exit codes: 2 with an error, 0 with warnings alone, or 4 with --strict.
            """,
        options: [.init(name: "--strict", summary: "Warnings too are a failure")]
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
        for files in fixtures {
            for finding in FixtureLint(files: files, isDelivered: delivered.contains(files.event)).findings {
                counts[finding.severity, default: 0] += 1
                console.output.line(finding.line(on: console.output))
            }
        }
        let (errors, warnings) = (counts[.error] ?? 0, counts[.warning] ?? 0)
        let parts = [fixtures.count.counted("fixture"), errors.counted("error"), warnings.counted("warning")]
        console.output.line(parts.joined(separator: ", "))
        guard errors == 0 else { return .unreadableFixture }
        return isStrict && warnings > 0 ? .expectationFailed : .success
    }
}
