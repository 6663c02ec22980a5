import FunctionBytes
import FunctionCore

/// Reads settings from environment variables, and collects everything that is wrong with them, to tell all at once.
///
/// Blanks and line ends around a value are taken off, which `echo` and editors leave in the files that secrets and other
/// settings come from, and what platforms set for themselves under a setting's name is passed over; both are noted.
public struct Settings: Sendable {
    /// As they were set, but for service links.
    private let environment: [String: String]
    private let serviceLinks: [String: String]
    /// What is wrong, a line each: the variable, what it must be, and what it is (secrets never).
    public private(set) var problems: [String] = []
    /// What was put right, a line each; secrets never.
    package private(set) var notes: [String] = []
    /// What was asked for, in that order: what the help lists.
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

    /// The variable's text without the blanks and line ends around it; nil if it is absent or nothing else is there.
    public subscript(_ name: String) -> String? {
        guard let written = environment[name] else { return nil }
        let text = Self.withoutBlanksAround(written)
        return text.isEmpty ? nil : text
    }

    /// Whether the variable is there, and holds blanks or line ends alone: then it has no text, though somebody set it.
    public func isBlank(_ name: String) -> Bool {
        environment[name]?.isEmpty == false && self[name] == nil
    }

    /// The variable's text as the subscript has it; what was taken off or passed over is noted. `value` and `summary` are
    /// for the help: what holds if the variable is absent, and what it does.
    public mutating func text(_ name: String, default value: String, _ summary: String = "") -> String? {
        known.append(Known(name: name, default: value, summary: summary))
        let text = self[name]
        if let written = environment[name], written.utf8.count > (text?.utf8.count ?? 0) {
            note("\(name) has blanks or line ends around it, which are taken off")
        }
        noteServiceLink(name)
        return text
    }

    /// As ``text(_:default:_:)``. What is wrong with it is told by ``rejectSecret(_:_:)``.
    public mutating func secret(_ name: String, default value: String, _ summary: String = "") -> String? {
        text(name, default: value, summary)
    }

    /// The variables whose names begin so and that are not empty, in alphabetic order.
    func names(beginning prefix: String) -> [String] {
        environment.keys.filter { $0.utf8.starts(with: prefix.utf8) && self[$0] != nil }.sorted()
    }

    /// Tells once what was put right, or passed over.
    mutating func note(_ text: String) {
        if !notes.contains(where: text.hasSameBytes) { notes.append(text) }
    }

    /// Has the log tell what was noted.
    package func tellNotes(to sink: LogSink) {
        for note in notes { sink.say(.warning, "setting put right") { $0.member("setting", note) } }
    }

    /// Notes that the variable is a service link, if it is one.
    mutating func noteServiceLink(_ name: String) {
        if let value = serviceLinks[name] { note(ServiceLink.note(name, value)) }
    }

    /// The text without the blanks, tabs and line ends at its start and end.
    package static func withoutBlanksAround(_ text: String) -> String {
        String(Substring(Substring(text).utf8.withoutBlanksAndLineEndsAround))
    }

    /// Notes that `name` is wrong.
    public mutating func reject(_ name: String, _ problem: String) {
        problems.append("\(name) \(problem)")
    }

    /// Notes that the secret `name` is wrong, with what can be seen of it without telling it.
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

    /// A whole number within `range`; nil if the variable is absent, which means what `value` tells in words.
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

    /// One of the enumeration's words; nil if the variable is absent, which means what `value` tells in words.
    public mutating func choice<Choice>(_ name: String, default value: String, _ summary: String = "") -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(name, default: value, summary) else { return nil }
        // The words are ASCII, and to compare them with a letter and n accents takes time in n².
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

            Serves HTTP on a port, or by the contract of the platform that it finds itself on.
            With --probe it asks the \(name) that runs with these settings on this machine whether it is
            ready, for health checks where there is no shell, and ends with 0, or with 1 and why not.
            Environment variables set how, here with their defaults:
            \(table.joined(separator: "\n"))

            Exit codes: 0 ended by SIGTERM or SIGINT, 1 wrong setting or argument, 3 could not start,
            4 Lambda's Runtime API failed, or a handler was busy beyond Lambda's deadline.
            """
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: width - text.count)
    }
}
