import FunctionCore

/// Finds keys and tokens that a fixture gives and nothing uses.
struct GivenLint {
    let given: Given
    /// Everything else that the fixture says.
    private let text: String
    /// Whether a 401 is expected. Then a key that no event sends may be the point.
    private let rejects: Bool

    private static let pointer = JSONPointer.root.appending("given").appending("organizations")

    init(_ given: Given, deliveries: [Delivery], expectations: [JSON]) {
        self.given = given
        let bodies = deliveries.map { delivery in
            guard case .bytes(let bytes) = delivery.event.example.body.storage else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        text = (deliveries.map(\.event.source.description) + bodies + expectations.map(\.description))
            .joined(separator: "\n")
        rejects = expectations.contains { $0.member("status") == .number(401) }
    }

    /// Nothing of organizations from a file of givens, which other fixtures use.
    var mistakes: [Mistake] {
        guard given.hasOwnOrganizations else { return [] }
        return given.organizations.enumerated().flatMap { index, organization in
            let place = Self.pointer.appending(index)
            return keyMistakes(organization, at: place.appending("keys"))
                + tokenMistakes(organization, at: place.appending("tokens"))
        }
    }

    /// A given that names another one, and changes nothing. `json` is as it is written.
    static func mistakes(in json: JSON?, at pointer: JSONPointer) -> [Mistake] {
        guard case .object(let members)? = json, members.count == 1, case .string(let name) = members[0].value,
            members[0].name.hasSameBytes(as: "is")
        else { return [] }
        return [Mistake(pointer, "changes nothing", mend: "write \(JSON.string(name.shortened())) in its place")]
    }

    private func keyMistakes(_ organization: GivenOrganization, at pointer: JSONPointer) -> [Mistake] {
        organization.keys.enumerated().filter { index, key in
            // A key that was used before may show that limits are per key.
            !rejects && key.used == 0 && !text.contains(key.secret) && !(index == 0 && needsKey(organization))
        }.map { index, _ in
            let mend = "leave the key out, or send it as authorization: Bearer sk_…"
            return Mistake(pointer.appending(index).appending("secret"), "is used by no event", mend: mend)
        }
    }

    /// Whether tokens are minted with the first key, or an event or expectation has the organization's tag.
    private func needsKey(_ organization: GivenOrganization) -> Bool {
        guard organization.tokens.isEmpty, let tag = organization.tag else { return true }
        return text.contains("sk_\(tag)") || text.contains("pub_tok_\(tag)")
    }

    private func tokenMistakes(_ organization: GivenOrganization, at pointer: JSONPointer) -> [Mistake] {
        organization.tokens.enumerated().filter { _, token in
            // A reserved token holds a credit even if nothing names it.
            token.state != .reserved && !text.contains(token.text)
        }.map { index, _ in
            let place = pointer.appending(index).appending("token")
            return Mistake(place, "is named by no event and no expectation", mend: "leave it out, or name it")
        }
    }
}
