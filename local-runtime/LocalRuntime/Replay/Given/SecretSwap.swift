import Foundation
import Tokens

/// Gives the keys and tokens of a fixture new values, so that fixtures can share a store though their secrets are fixed.
struct SecretSwap {
    private var whole: [(old: String, new: String)] = []
    private var tags: [(old: String, new: String)] = []

    init(_ given: Given) {
        let bits: RandomBits = { .random(in: 0 ... .max) }
        for organization in given.organizations {
            guard let old = organization.tag else { continue }
            let tag = Tag.random(bits)
            tags.append((old.description, tag.description))
            whole += organization.keys.map { ($0.secret, APIKey.random(tag: tag, bits).text) }
            whole += organization.tokens.map { ($0.text, StreamToken.random(tag: tag, bits).text) }
        }
    }

    /// The text of a file with the new secrets in place of the old ones. What begins with a tag alone, such as a pattern of
    /// a token, gets the new tag; a whole secret that is not given stays as it is.
    func rewrite(_ text: String) -> String {
        var text = text
        for (old, new) in whole { text = text.replacingOccurrences(of: old, with: new) }
        for (old, new) in tags {
            for prefix in ["sk_", "pub_tok_"] {
                text = text.replacingOccurrences(
                    of: prefix + old + "(?![0-9A-Za-z])",
                    with: prefix + new,
                    options: .regularExpression
                )
            }
        }
        return text
    }
}
