import FunctionCore

/// Finds what is given to no purpose.
struct GivenLint {
    let given: Given
    /// All that the fixture says besides.
    private let text: String
    /// Whether it tells of a caller who is not let in; that there is a key which he does not send is then the point.
    private let refuses: Bool

    private static let pointer = JSONPointer.root.appending("given").appending("organizations")

    init(_ given: Given, deliveries: [Delivery], expectations: [JSON]) {
        self.given = given
        let bodies = deliveries.map { delivery in
            guard case .bytes(let bytes) = delivery.event.example.body.storage else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        text = (deliveries.map(\.event.source.description) + bodies + expectations.map(\.description))
            .joined(separator: "\n")
        refuses = expectations.contains { $0.member("status") == .number(401) }
    }

    var mistakes: [Mistake] {
        given.organizations.enumerated().flatMap { index, organization in
            let place = Self.pointer.appending(index)
            return keyMistakes(organization, at: place.appending("keys"))
                + tokenMistakes(organization, at: place.appending("tokens"))
        }
    }

    private func keyMistakes(_ organization: GivenOrganization, at pointer: JSONPointer) -> [Mistake] {
        organization.keys.enumerated().filter { index, key in
            // One that was used before may show that others have limits of their own.
            !refuses && key.used == 0 && !text.contains(key.secret) && !(index == 0 && needsKey(organization))
        }.map { index, _ in
            let mend = "leave the key out, or send it as authorization: Bearer sk_…"
            return Mistake(pointer.appending(index).appending("secret"), "is used by no event", mend: mend)
        }
    }

    /// Whether tokens are minted with it, or anything asks for something with its organization's tag.
    private func needsKey(_ organization: GivenOrganization) -> Bool {
        guard organization.tokens.isEmpty, let tag = organization.tag else { return true }
        return text.contains("sk_\(tag)") || text.contains("pub_tok_\(tag)")
    }

    private func tokenMistakes(_ organization: GivenOrganization, at pointer: JSONPointer) -> [Mistake] {
        organization.tokens.enumerated().filter { _, token in
            // One that is reserved holds a credit, whoever names it.
            token.state != .reserved && !text.contains(token.text)
        }.map { index, _ in
            let place = pointer.appending(index).appending("token")
            return Mistake(place, "is named by no event and no expectation", mend: "leave it out, or name it")
        }
    }
}
