import FunctionBytes
import Tokens

extension KeyRecord {
    /// Whether a word has the form of a key's id: ten characters of base64url, of which the first may be a dash.
    static func isID(_ word: String) -> Bool {
        word.utf8.count == 10 && word.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }
}
