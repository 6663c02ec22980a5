package import FunctionCore
package import StreamTokens

extension TokenState {
    /// The state in one word.
    package var word: String {
        switch self {
        case .live: "live"
        case .reserved: "reserved"
        case .used: "used"
        case .revoked: "revoked"
        case .unknown: "unknown"
        }
    }
}

extension TokenDetails {
    /// The token's policy for expectations: of locked variables only the names, and in `refused` why it refused an attempt
    /// last. Nil if the token has none.
    package var policyContents: JSON? {
        guard let policy else { return nil }
        let texts: ([String]?) -> JSON? = { $0.map { .array($0.map(JSON.string)) } }
        let members: [(name: String, value: JSON?)] = [
            ("workflows", texts(policy.workflows)), ("variables", texts(policy.variables?.members.map(\.name))),
            ("allow", texts(policy.allow)), ("origins", texts(policy.origins)), ("user", user.map(JSON.string)),
            ("max_seconds", policy.maxSeconds.map { .number(Double($0)) }),
            ("opens", (policy.opens?.rawValue).map(JSON.string)),
            ("resume_seconds", policy.resumeSeconds.map { .number(Double($0)) }),
            ("refused", (refusal?.reason.rawValue).map(JSON.string)),
        ]
        return .object(members.compactMap { name, value in value.map { JSON.Member(name: name, value: $0) } })
    }
}
