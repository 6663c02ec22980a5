import FunctionBytes
import StreamTokens

/// Says why a text in a fixture is no API key or stream token, and how to correct it.
enum CredentialProblem {
    /// `prefix` is the required beginning; `what` is `no API key` or `no stream token`.
    static func reason(_ text: String, prefix: String, _ what: String) -> String {
        let how = "local-runtime keys fixture makes one"
        guard text.utf8.starts(with: prefix.utf8) else { return "is \(what): it must begin with \(prefix); \(how)" }
        let rest = text.utf8.dropFirst(prefix.utf8.count)
        guard rest.allSatisfy(\.isLetterOrDigit) else {
            return "is \(what): after \(prefix) there must be only letters and digits; \(how)"
        }
        let form = CredentialCheck.formCount
        switch rest.count {
        case form: return "is \(what): its last 6 characters, the check, must be \(rightCheck(of: text))"
        case form - CredentialCheck.characterCount:
            return "is \(what): the check at its end is missing, which is \(CredentialCheck.following(text))"
        default:
            return "is \(what): after \(prefix) there must be \(form) letters and digits, not \(rest.count); \(how)"
        }
    }

    /// The check that belongs at the end of a text of the right form.
    static func rightCheck(of text: String) -> String {
        CredentialCheck.following(String(text.dropLast(CredentialCheck.characterCount)))
    }
}
