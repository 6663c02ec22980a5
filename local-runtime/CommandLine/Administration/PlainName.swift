import LocalRuntimeConsole

/// Reads the name of an organization or a key.
enum PlainName {
    /// The option's value if it is given. Control characters are refused, because lines and tables print it unescaped.
    static func read(_ option: String, _ arguments: Arguments, allowsEmpty: Bool = false) throws(CommandFailure)
        -> String?
    {
        guard let name = arguments[option] else { return nil }
        if allowsEmpty, name.isEmpty { return name }
        let isPrintable = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...200).contains(name.utf8.count), isPrintable else {
            throw .usage("\(option) must be 1 to 200 bytes without control characters")
        }
        return name
    }
}
