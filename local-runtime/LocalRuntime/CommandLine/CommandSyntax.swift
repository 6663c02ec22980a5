/// How a command is written: what splits its words, and what its help says.
struct CommandSyntax: Sendable {
    /// Its name, one word or two: `keys create`.
    let name: [String]
    /// What comes behind the name besides options, as the help writes it: `[PATH...]`.
    var operands = ""
    /// What it does, in a line without a full stop.
    let summary: String
    /// What else there is to say, in lines of at most 80 characters.
    var details = ""
    var options: [Option] = []
    /// Whether a word is no option though it begins with a dash.
    var isOperand: @Sendable (String) -> Bool = { _ in false }

    struct Option: Sendable {
        /// `--limit`
        let name: String
        /// What its value is called; nil if it takes none. Two words, and it takes two.
        var value: String?
        /// Its value where none is attached to it by `=`; nil if there has to be one.
        var standard: String?
        /// In a line without a full stop.
        let summary: String
        var isRepeatable = false
    }

    func option(_ name: String) -> Option? {
        options.first { $0.name == name }
    }
}
