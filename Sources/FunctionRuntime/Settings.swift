/// Reads settings from environment variables, and collects everything that is wrong with them, to tell all at once.
public struct Settings: Sendable {
    private let environment: [String: String]
    /// What is wrong, a line each: the variable, what it must be, and what it is (secrets never).
    public private(set) var problems: [String] = []

    public init(environment: [String: String]) {
        self.environment = environment
    }

    /// The variable's text; nil if it is absent or empty.
    public subscript(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Notes that `name` is wrong.
    public mutating func reject(_ name: String, _ problem: String) {
        problems.append("\(name) \(problem)")
    }

    /// A whole number within `range`.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let text = self[name] else { return standard }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number)
        else {
            reject(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            return standard
        }
        return number
    }

    /// One of the enumeration's words.
    public mutating func choice<Choice>(_ name: String, default standard: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self[name] else { return standard }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            reject(name, "must be one of \(words), not \"\(text)\"")
            return standard
        }
        return choice
    }
}
