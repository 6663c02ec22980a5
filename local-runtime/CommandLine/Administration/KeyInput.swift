import FunctionBytes
import LocalRuntimeConsole
import StreamTokens

/// The API key that a command works on: its id on the command line, or the key itself on standard input.
enum KeyInput: Sendable {
    case id(String)
    case standardInput

    /// The placeholder in the help.
    static let operand = "-|ID"
    static let help = "ID is the key's id, which keys list shows; - reads the key itself from standard input."

    init(_ arguments: Arguments) throws(CommandFailure) {
        switch try arguments.operand("the key's ID, or - to read the key from standard input,") {
        case "-":
            try SecretInput.checkStandardInput(for: "key", arguments)
            self = .standardInput
        case let word where Self.isID(word): self = .id(word)
        case let word where APIKey.hasForm(word[...]): throw SecretInput.onTheCommandLine("key")
        case let word:
            throw .usage(
                "\"\(word)\" is not a key's id, which is 10 letters, digits, - and _; keys list shows the ids"
            )
        }
    }

    /// Reads the key from standard input, if it is there.
    func reference(_ console: Console) throws(CommandFailure) -> KeyReference {
        switch self {
        case .id(let id): return .id(id)
        case .standardInput:
            guard let key = APIKey(try SecretInput.line("key", console)) else {
                throw .usage(
                    """
                    the line on standard input is not an API key: expected sk_ and 42 letters and digits, of which \
                    the last 6 are a checksum
                    """
                )
            }
            return .key(key)
        }
    }

    /// Whether a word has the form of a key's id: ten characters of base64url. The first may be a dash.
    @Sendable static func isID(_ word: String) -> Bool {
        word.utf8.count == 10 && word.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }
}
