import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// Gives the keys and tokens of a fixture new values, so that fixtures can share a store though their secrets are fixed.
struct SecretSwap {
    private var new: [String: String] = [:]

    init(_ given: Given) {
        let bits: RandomBits = { .random(in: 0 ... .max) }
        for organization in given.organizations {
            guard let old = organization.tag else { continue }
            let tag = Tag.random(bits)
            for prefix in Secrets.prefixes { new["\(prefix)\(old)"] = "\(prefix)\(tag)" }
            for key in organization.keys { new[key.secret] = APIKey.random(tag: tag, bits).text }
            for token in organization.tokens { new[token.text] = StreamToken.random(tag: tag, bits).text }
        }
    }

    /// A file's JSON with the new secrets in place of the old ones, wherever in a text they stand. What begins with a tag
    /// alone, such as a pattern of a token, gets the new tag; a whole secret that is not given stays as it is.
    func swapped(_ json: JSON) -> JSON {
        json.mapTexts(names: swapped) { .string(swapped($0)) }
    }

    private func swapped(_ text: String) -> String {
        Secrets.replaced(in: text, longerThan: 0) { new[$0] ?? $0 }
    }
}
