package import FunctionCore
import FunctionTesting
package import StreamTokens

/// An organization that a fixture puts into the store.
package struct GivenOrganization: Sendable {
    package let name: String
    /// The tag of its keys; nil if it has no keys.
    package let tag: Tag?
    /// Nil for unlimited.
    package let credits: Int?
    package let maxStreams: Int
    package let keys: [GivenKey]
    /// Minted with the first key.
    package let tokens: [GivenToken]

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let name = try object.string("name")
        credits = try object.integer("credits", in: 0...Int(Int32.max))
        let maxStreams = try object.integer("max_streams", in: 0...Int(Int32.max))
        let members = try object.array("keys") ?? []
        let tokens = try object.array("tokens") ?? []
        try object.refuseOthers()

        self.name = try object.require("name", name)
        var keys: [GivenKey] = []
        for (index, member) in members.enumerated() {
            let place = pointer.appending("keys").appending(index)
            let key = try GivenKey(member, at: place)
            guard keys.allSatisfy({ $0.key.tag == key.key.tag && $0.key != key.key }) else {
                throw .shape(place, reason: "must have the tag of the organization's first key, and be a different key")
            }
            keys.append(key)
        }
        self.maxStreams = maxStreams ?? Organization.standardMaxStreams
        self.keys = keys
        tag = keys.first?.key.tag
        self.tokens = try Self.tokens(tokens, of: tag, at: pointer.appending("tokens"))
    }

    private static func tokens(
        _ members: [JSON],
        of tag: Tag?,
        at pointer: JSONPointer
    ) throws(JSONDocumentError) -> [GivenToken] {
        guard !members.isEmpty else { return [] }
        guard let tag else { throw .shape(pointer, reason: "needs a key in the same organization, to be minted with") }
        var tokens: [GivenToken] = []
        for (index, member) in members.enumerated() {
            let place = pointer.appending(index)
            let token = try GivenToken(member, of: tag, at: place)
            guard tokens.allSatisfy({ $0.token != token.token }) else {
                throw .shape(place, reason: "is there twice")
            }
            tokens.append(token)
        }
        return tokens
    }
}

/// A key that a fixture puts into the store.
package struct GivenKey: Sendable {
    /// As it is written.
    package let secret: String
    package let key: APIKey
    package let rate: RateLimit
    /// The number of requests made with it just now.
    package let used: Int
    package let isEnabled: Bool
    /// Whether it mints only tokens with a policy.
    package let requiresPolicy: Bool

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let secret = try object.string("secret")
        let limit = try object.integer("limit", in: RateLimit.limits)
        let window = try object.integer("window", in: RateLimit.windowsInSeconds)
        used = try object.integer("used", in: 0...RateLimit.limits.upperBound) ?? 0
        isEnabled = try object.bool("enabled") ?? true
        requiresPolicy = try object.bool("require_policy") ?? false
        try object.refuseOthers()

        self.secret = try object.require("secret", secret)
        guard let key = APIKey(self.secret) else {
            throw object.refuse("secret", CredentialProblem.reason(self.secret, prefix: "sk_", "no API key"))
        }
        self.key = key
        rate = RateLimit(limit: limit, seconds: window)
    }
}

/// A stream token that a fixture puts into the store.
package struct GivenToken: Sendable {
    /// As it is written. An expectation of the store names it like this.
    package let text: String
    package let token: StreamToken
    /// In seconds.
    package let ttl: Int
    /// How many seconds ago it was minted.
    package let age: Int
    package let state: State
    package let policy: Policy?

    /// Its state right after its mint.
    package enum State: String, CaseIterable, Sendable {
        case live
        /// Another attempt holds it, for as long as an attempt that begins now would.
        case reserved
        case used
        case revoked
    }

    /// The lifetimes that a mint gives.
    private static let lifetimes = 1...300
    /// Up to a day, long after the store has forgotten a token.
    private static let ages = 0...86_400

    /// `tag` is the organization's.
    package init(_ json: JSON, of tag: Tag, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let text = try object.string("token")
        ttl = try object.integer("ttl", in: Self.lifetimes) ?? 60
        age = try object.integer("age", in: Self.ages) ?? 0
        let state = try object.string("state") ?? State.live.rawValue
        let policy = object["policy"]
        try object.refuseOthers()

        self.text = try object.require("token", text)
        guard let token = StreamToken(self.text) else {
            throw object.refuse("token", CredentialProblem.reason(self.text, prefix: "pub_tok_", "no stream token"))
        }
        guard token.tag == tag else { throw object.refuse("token", "must have the tag of the organization's keys") }
        self.token = token
        guard let state = State(rawValue: state) else {
            let states = State.allCases.map(\.rawValue).joined(separator: ", ")
            throw object.refuse("state", "is no state; there are \(states)")
        }
        self.state = state
        self.policy = try Self.policy(policy, at: pointer.appending("policy"))
    }

    /// Reads a policy as its function does.
    private static func policy(_ json: JSON?, at pointer: JSONPointer) throws(JSONDocumentError) -> Policy? {
        guard let json, json != .null else { return nil }
        let mint: MintRequest
        do throws(PolicyError) {
            mint = try MintRequest(reading: Array(json.description.utf8))
        } catch {
            throw .shape(pointer, reason: "is no policy: \(error)")
        }
        guard mint.ttl == nil else { throw .shape(pointer.appending("ttl"), reason: "belongs beside the policy") }
        guard let policy = mint.policy else { throw .shape(pointer, reason: "says nothing: leave it out") }
        return policy
    }
}
