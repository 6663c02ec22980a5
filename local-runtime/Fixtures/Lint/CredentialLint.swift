import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// Finds keys and tokens in an event whose check is wrong. Every function rejects them.
enum CredentialLint {
    static func mistakes(in json: JSON, at pointer: JSONPointer) -> [Mistake] {
        switch json {
        case .null, .bool, .number: []
        case .string(let text): mistakes(inText: text, at: pointer)
        case .array(let elements):
            elements.enumerated().flatMap { mistakes(in: $1, at: pointer.appending($0)) }
        case .object(let members): members.flatMap { mistakes(in: $0.value, at: pointer.appending($0.name)) }
        }
    }

    private static func mistakes(inText text: String, at pointer: JSONPointer) -> [Mistake] {
        Secrets.pieces(of: Array(text.utf8)).filter(\.isSecret).compactMap { piece, _ in
            let secret = String(decoding: piece, as: UTF8.self)
            // A shorter or longer text is hardly meant as a secret.
            let prefix = Secrets.prefixes.first(where: secret.hasPrefix) ?? ""
            guard secret.utf8.count == prefix.utf8.count + CredentialCheck.formCount,
                APIKey(secret) == nil, StreamToken(secret) == nil
            else { return nil }
            return Mistake(
                pointer,
                "has a \(prefix)… whose check is wrong, and no 401 is expected",
                mend: "end it with \(CredentialProblem.rightCheck(of: secret))"
            )
        }
    }
}
