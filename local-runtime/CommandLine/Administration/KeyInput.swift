import FunctionBytes
import LocalRuntimeConsole
import StreamTokens

/// Which API key a command is about: by its id among the words, or the key itself from standard input.
enum KeyInput: Sendable {
    case id(String)
    case standardInput

    /// How the help writes it.
    static let operand = "-|ID"
    static let help = "The key is named by its id, as keys list has it, or comes itself on standard input with -."

    init(_ arguments: Arguments) throws(CommandFailure) {
        switch try arguments.operand("the key's ID, or - for the key on standard input,") {
        case "-":
            try SecretInput.checkStandardInput(for: "key", arguments)
            self = .standardInput
        case let word where Self.isID(word): self = .id(word)
        case let word where APIKey.hasForm(word[...]): throw SecretInput.onTheCommandLine("key")
        case let word:
            throw .usage("\"\(word)\" is no key's id, which has 10 letters, digits, - and _; keys list has them")
        }
    }

    /// Reads the key, if it comes on standard input.
    func reference(_ console: Console) throws(CommandFailure) -> KeyReference {
        switch self {
        case .id(let id): return .id(id)
        case .standardInput:
            guard let key = APIKey(try SecretInput.line("key", console)) else {
                throw .usage(
                    """
                    what came on standard input is no API key: sk_ and 42 letters and digits, of which the last 6 \
                    check it
                    """
                )
            }
            return .key(key)
        }
    }

    /// Whether a word has the form of a key's id: ten characters of base64url, of which the first may be a dash.
    @Sendable static func isID(_ word: String) -> Bool {
        word.utf8.count == 10 && word.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }
}
