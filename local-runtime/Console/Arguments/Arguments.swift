import FunctionBytes

/// A command's arguments, split by its syntax but not yet interpreted.
package struct Arguments: Sendable {
    package let operands: [String]
    private let syntax: CommandSyntax
    private let values: [String: [String]]

    /// Splits `words`. Everything after `--` is an operand, and so is a lone `-`.
    package init(_ words: some Sequence<String>, _ syntax: CommandSyntax) throws(CommandFailure) {
        var operands: [String] = []
        var values: [String: [String]] = [:]
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-", !syntax.isOperand(word) else {
                operands.append(word)
                continue
            }
            if word == "--" {
                operands += rest
                break
            }
            let (name, value) = try Self.option(word, &rest, syntax)
            values[name, default: []].append(value)
        }
        for option in syntax.options where !option.isRepeatable && values[option.name, default: []].count > 1 {
            throw .usage("\(option.name) is given more than once")
        }
        self.operands = operands
        self.syntax = syntax
        self.values = values
    }

    /// The option that `word` names, and its value, which may be the next word. A flag's value is empty.
    private static func option(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ syntax: CommandSyntax
    ) throws(CommandFailure) -> (name: String, value: String) {
        let equals = word.firstIndex(of: "=") ?? word.endIndex
        let name = String(word[..<equals])
        guard let option = syntax.options.first(where: { $0.name == name }) else {
            let known = syntax.options.map(\.name) + ["--help"]
            let nearest = Suggestion.nearest(to: name, among: known)
            let hint = nearest.map { "did you mean \($0)?" } ?? "its options are \(known.joined(separator: ", "))"
            throw .usage("\(syntax.name.joined(separator: " ")) has no option \(name); \(hint)")
        }
        let attached = equals == word.endIndex ? nil : String(word[equals...].dropFirst())
        guard let placeholder = option.value else {
            guard attached == nil else { throw .usage("\(name) takes no value") }
            return (name, "")
        }
        // The next word may be anything, including a secret that begins with a dash, and `-` for standard input.
        var parts = (attached ?? option.default).map { [$0] } ?? []
        for _ in placeholder.split(separator: " ").dropFirst(parts.count) {
            guard let word = rest.popFirst() else { throw .usage("\(name) needs a value: \(name) \(placeholder)") }
            parts.append(word)
        }
        return (name, parts.joined(separator: " "))
    }

    package func isSet(_ name: String) -> Bool {
        values[name] != nil
    }

    package subscript(_ name: String) -> String? {
        values[name]?.first
    }

    package func all(_ name: String) -> [String] {
        values[name] ?? []
    }

    /// The option's value as a whole number in decimal digits; nil if the option is not given.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = self[name] else { return nil }
        guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), range.contains(number)
        else {
            throw .usage(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\""
            )
        }
        return number
    }

    /// The only operand; throws if there is none or more than one.
    package func operand(_ placeholder: String) throws(CommandFailure) -> String {
        guard let operand = operands.first else { throw .usage("\(placeholder) is missing") }
        guard operands.count == 1 else { throw .usage("unexpected argument \"\(operands[1])\"") }
        return operand
    }

    package func refuseOperands() throws(CommandFailure) {
        guard let operand = operands.first else { return }
        throw .usage("unexpected argument \"\(operand)\"")
    }
}
