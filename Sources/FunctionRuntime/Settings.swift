import FunctionBytes
import FunctionCore

/// Reads settings from environment variables, and collects all problems with them, to report them in one run.
///
/// Blanks and line ends around a value are removed: `echo` and editors leave them in files from which settings are
/// read. Variables that a platform sets for itself under a setting's name are ignored. Both are noted for the log.
public struct Settings: Sendable {
    /// The variables as they were set, without service links.
    private let environment: [String: String]
    private let serviceLinks: [String: String]
    /// One line per problem: the variable, what it must be, and what it is. Never a secret.
    public private(set) var problems: [String] = []
    /// One line per value that was corrected or ignored. Never a secret.
    package private(set) var notes: [String] = []
    /// The settings that were read, in order: the list in `--help`.
    private(set) var known: [Known] = []

    struct Known: Sendable {
        let name: String
        let `default`: String
        let summary: String
    }

    public init(environment: [String: String]) {
        serviceLinks = environment.filter { ServiceLink.isLink($0.key, $0.value) }
        self.environment =
            serviceLinks.isEmpty ? environment : environment.filter { !ServiceLink.isLink($0.key, $0.value) }
    }

    /// The variable's text without the blanks and line ends around it; nil if it is absent or holds nothing else.
    public subscript(_ name: String) -> String? {
        guard let written = environment[name] else { return nil }
        let text = Self.withoutBlanksAround(written)
        return text.isEmpty ? nil : text
    }

    /// Whether the variable holds only blanks or line ends: somebody set it, yet it has no text.
    public func isBlank(_ name: String) -> Bool {
        environment[name]?.isEmpty == false && self[name] == nil
    }

    /// The variable's text, as the subscript returns it. Notes what was removed or ignored. `value` and `summary` are
    /// for the help: the default and the meaning.
    public mutating func text(_ name: String, default value: String, _ summary: String = "") -> String? {
        known.append(Known(name: name, default: value, summary: summary))
        let text = self[name]
        if let written = environment[name], written.utf8.count > (text?.utf8.count ?? 0) {
            note("\(name) has blanks or line ends around it, which are ignored")
        }
        noteServiceLink(name)
        return text
    }

    /// Like ``text(_:default:_:)``. Report its problems by ``rejectSecret(_:_:)``.
    public mutating func secret(_ name: String, default value: String, _ summary: String = "") -> String? {
        text(name, default: value, summary)
    }

    /// The names of the non-empty variables that begin with `prefix`, in alphabetic order.
    func names(beginning prefix: String) -> [String] {
        environment.keys.filter { $0.utf8.starts(with: prefix.utf8) && self[$0] != nil }.sorted()
    }

    /// Notes once that a value was corrected or ignored.
    mutating func note(_ text: String) {
        if !notes.contains(where: text.hasSameBytes) { notes.append(text) }
    }

    /// Logs the notes as warnings.
    package func tellNotes(to sink: LogSink) {
        for note in notes { sink.say(.warning, "setting corrected") { $0.member("setting", note) } }
    }

    /// Notes that the variable was ignored, if it is a service link.
    mutating func noteServiceLink(_ name: String) {
        if let value = serviceLinks[name] { note(ServiceLink.note(name, value)) }
    }

    /// The text without the blanks, tabs and line ends at its start and end.
    package static func withoutBlanksAround(_ text: String) -> String {
        String(Substring(Substring(text).utf8.withoutBlanksAndLineEndsAround))
    }

    /// Records a problem with the setting `name`; `problem` is the rest of the sentence.
    public mutating func reject(_ name: String, _ problem: String) {
        problems.append("\(name) \(problem)")
    }

    /// Records a problem with the secret `name`, and describes its value without revealing it (``SecretShape``).
    public mutating func rejectSecret(_ name: String, _ problem: String) {
        let shape = environment[name].flatMap { $0.isEmpty ? nil : "; \(SecretShape($0))" } ?? ""
        reject(name, problem + shape)
    }

    /// A whole number within `range`; `summary` is for the help.
    public mutating func integer(
        _ name: String,
        in range: ClosedRange<Int>,
        default value: Int,
        _ summary: String = ""
    ) -> Int {
        guard let text = text(name, default: "\(value)", summary) else { return value }
        return integer(name, text, in: range) ?? value
    }

    /// A whole number within `range`; nil if the variable is absent. `value` describes that default in the help.
    public mutating func integer(
        _ name: String,
        in range: ClosedRange<Int>,
        default value: String,
        _ summary: String = ""
    ) -> Int? {
        guard let text = text(name, default: value, summary) else { return nil }
        return integer(name, text, in: range)
    }

    private mutating func integer(_ name: String, _ text: String, in range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), range.contains(number)
        else {
            reject(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            return nil
        }
        return number
    }

    /// One of the enumeration's words; `summary` is for the help.
    public mutating func choice<Choice>(_ name: String, default value: Choice, _ summary: String = "") -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        choice(name, default: value.rawValue, summary) ?? value
    }

    /// One of the enumeration's words; nil if the variable is absent. `value` describes that default in the help.
    public mutating func choice<Choice>(_ name: String, default value: String, _ summary: String = "") -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(name, default: value, summary) else { return nil }
        // All words are ASCII. Comparing one with a letter that carries n accents would take time in n².
        guard text.utf8.allSatisfy({ $0 < 0x80 }), let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            reject(name, "must be one of \(words), not \"\(text)\"")
            return nil
        }
        return choice
    }
}

/// What `--help` prints about a function's executable.
enum Help {
    static func text(_ name: String, _ summary: String, _ settings: Settings) -> String {
        let nameWidth = settings.known.map(\.name.count).max() ?? 0
        let defaultWidth = settings.known.map(\.default.count).max() ?? 0
        let table = settings.known.map { row in
            "  \(padded(row.name, nameWidth))  \(padded(row.default, defaultWidth))  \(row.summary)"
        }
        return """
            \(summary.isEmpty ? "A function." : summary)

            Usage: \(name) [--help | --version | --probe]

            Serves HTTP on a port, or follows the contract of the platform that the environment names.
            With --probe it asks the \(name) function that runs on this machine with the same settings
            whether it is ready: exit code 0 if it is, otherwise 1 and the reason. This is for health
            checks in an image without a shell.
            The settings are environment variables, here with their defaults:
            \(table.joined(separator: "\n"))

            Exit codes: 0 ended by SIGTERM or SIGINT, 1 wrong setting or argument, 3 could not start,
            4 Lambda's Runtime API failed, or a handler was busy beyond Lambda's deadline.
            """
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }
}
