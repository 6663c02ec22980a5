import FunctionBytes

/// Reads settings from environment variables, and collects everything that is wrong with them, to tell all at once.
public struct Settings: Sendable {
    private let environment: [String: String]
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
        self.environment = environment
    }

    /// The variable's text; nil if it is absent or empty.
    public subscript(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The variable's text; nil if it is absent or empty. `value` and `summary` are for the help: what holds then,
    /// and what the variable does.
    public mutating func text(_ name: String, default value: String, _ summary: String = "") -> String? {
        known.append(Known(name: name, default: value, summary: summary))
        return self[name]
    }

    /// The variable's text without the blanks and line ends around it, which `echo` and editors leave in files of
    /// secrets; nil if nothing else is there. That there were some is noted, as the text may be meant so elsewhere.
    public mutating func secret(_ name: String, default value: String, _ summary: String = "") -> String? {
        guard let text = text(name, default: value, summary) else { return nil }
        let secret = Self.withoutBlanksAround(text)
        if secret.utf8.count < text.utf8.count {
            notes.append("\(name) has blanks or line ends around it, which are taken off")
        }
        return secret.isEmpty ? nil : secret
    }

    /// The text without the blanks, tabs and line ends at its start and end.
    package static func withoutBlanksAround(_ text: String) -> String {
        String(Substring(Substring(text).utf8.withoutBlanksAndLineEndsAround))
    }

    /// Notes that `name` is wrong.
    public mutating func reject(_ name: String, _ problem: String) {
        problems.append("\(name) \(problem)")
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

            Usage: \(name) [--help | --version]

            Serves HTTP on a port, or by the contract of the platform that it finds itself on.
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
