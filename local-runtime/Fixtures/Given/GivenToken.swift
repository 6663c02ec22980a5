package import FunctionCore
package import StreamTokens

/// A stream token that a fixture puts into the store.
package struct GivenToken: Sendable {
    /// As it is written, to be found again by what is expected of the store.
    package let text: String
    package let token: StreamToken
    /// In seconds.
    package let ttl: Int
    /// How many seconds ago it was minted.
    package let age: Int
    package let state: State

    /// What became of it right after its mint.
    package enum State: String, CaseIterable, Sendable {
        case live
        /// Another attempt holds it, as long as one holds it that begins now.
        case reserved
        case used
        case revoked
    }

    /// The lifetimes that a mint gives.
    private static let lifetimes = 1...300
    /// A day: long after anything is known of any token.
    private static let ages = 0...86_400

    /// `tag` is the organization's.
    package init(_ json: JSON, of tag: Tag, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let text = try object.string("token")
        ttl = try object.integer("ttl", in: Self.lifetimes) ?? 60
        age = try object.integer("age", in: Self.ages) ?? 0
        let state = try object.string("state") ?? State.live.rawValue
        try object.refuseOthers()

        self.text = try object.require("token", text)
        guard let token = StreamToken(self.text) else {
            throw object.refuse("token", "is no stream token: wrong form, or the check at its end does not fit")
        }
        guard token.tag == tag else { throw object.refuse("token", "must have the tag of the organization's keys") }
        self.token = token
        guard let state = State(rawValue: state) else {
            let states = State.allCases.map(\.rawValue).joined(separator: ", ")
            throw object.refuse("state", "is no state; there are \(states)")
        }
        self.state = state
    }
}
