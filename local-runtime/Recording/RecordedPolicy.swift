import FunctionCore
import LocalRuntimeConsole
import StreamTokens

/// What a recording keeps of a token's policy, and what it hides.
enum RecordedPolicy {
    /// Shorter texts would be found where nobody meant them.
    private static let minText = 4
    /// The most texts that are looked for in a response.
    private static let maxTexts = 64

    /// The policy as a fixture gives it, masked.
    static func json(of policy: Policy) -> JSON? {
        guard let masked = PolicyMask.masked(policy.encoded), case .object(let members)? = try? JSONReader.read(masked)
        else { return nil }
        let user = policy.user.map { _ in JSON.Member(name: "user", value: .string(PolicyMask.user)) }
        return .object(members + [user].compactMap(\.self))
    }

    /// The body of a mint, masked.
    static func body(_ body: [UInt8]) throws(FixtureWriter.Unrecordable) -> [UInt8] {
        guard !body.isEmpty else { return body }
        guard let masked = PolicyMask.masked(body) else {
            throw .init("its policy is no JSON object, so that what it locks cannot be hidden")
        }
        return masked
    }

    /// Hides the user and the locked texts of a policy in what the workflow made of them.
    static func hide(_ policy: Policy, in secrets: inout Placeholders) throws(FixtureWriter.Unrecordable) {
        var texts: Set<ExactText> = []
        for member in policy.variables?.members ?? [] { collect(member.value, into: &texts) }
        guard texts.count <= maxTexts else { throw .init("its policy locks more than \(maxTexts) texts to be hidden") }
        // The longest first: one may be a part of another.
        for text in texts.map(\.string).sorted(by: { $0.utf8.count > $1.utf8.count }) {
            secrets.hide(text, by: PolicyMask.text)
        }
        if let user = policy.user, user.utf8.count >= minText { secrets.hide(user, by: PolicyMask.user) }
    }

    private static func collect(_ json: JSON, into texts: inout Set<ExactText>) {
        switch json {
        case .string(let text): if text.utf8.count >= minText { texts.insert(ExactText(text)) }
        case .array(let elements): for element in elements { collect(element, into: &texts) }
        case .object(let members): for member in members { collect(member.value, into: &texts) }
        case .null, .bool, .number: break
        }
    }
}

extension RecordedCall.Content {
    /// The policy of the token that the call reserved.
    var policy: Policy? {
        for case .reserved(_, .reserved(let reservation)) in storeEvents { return reservation.policy }
        return nil
    }
}
