/// The operations of an administrator: organizations and their keys.
public protocol Administration: Sendable {
    /// Returns the organization of that name; makes one with unlimited credits if there is none. `candidates` returns
    /// tags to try.
    func organization(named name: String, candidates: @Sendable () -> Tag) async throws(StoreError) -> Organization

    /// Every organization, by name.
    func organizations() async throws(StoreError) -> [Organization]

    /// The organization of that name, if there is one.
    func findOrganization(named name: String) async throws(StoreError) -> Organization?

    /// Sets the credits (nil: unlimited). Returns false if there is no such organization.
    func setCredits(_ credits: Int?, of organization: String) async throws(StoreError) -> Bool

    /// Adds to the credits; unlimited ones stay unlimited. Returns false if there is no such organization.
    func addCredits(_ credits: Int, to organization: String) async throws(StoreError) -> Bool

    /// Sets how many streams may be open at once. Returns false if there is no such organization.
    func setMaxStreams(_ count: Int, of organization: String) async throws(StoreError) -> Bool

    /// Revokes every token minted so far and ends open streams. Returns false if there is no such organization.
    func revokeTokens(of organization: String) async throws(StoreError) -> Bool

    /// Stores a key whose tag is the organization's; `name` is for people. With `requiresPolicy` it mints only tokens with
    /// a policy. An existing key gets the name, the limit and that, and its count starts again.
    func addKey(_ key: APIKey, name: String?, limit: RateLimit, requiresPolicy: Bool) async throws(StoreError)

    /// Every key of every organization, or of one.
    func keys(of organization: String?) async throws(StoreError) -> [KeyRecord]

    /// The key, if there is one.
    func findKey(_ key: KeyReference) async throws(StoreError) -> KeyRecord?

    /// Enables or disables a key; disabling revokes its tokens. Returns false if there is no such key.
    func setKey(_ key: KeyReference, enabled: Bool) async throws(StoreError) -> Bool

    /// Changes a key's values, which hold from its next mint on. Returns false if there is no such key.
    func updateKey(_ key: KeyReference, _ change: KeyChange) async throws(StoreError) -> Bool

    /// Removes a key, revokes its tokens and ends its open streams. Returns false if there is no such key.
    func removeKey(_ key: KeyReference) async throws(StoreError) -> Bool

    /// Counts `requests` requests of a key as made now, for fixtures.
    func useKey(_ key: APIKey, requests: Int) async throws(StoreError)

    /// Removes an organization with all its data; its open streams end. Returns false if there is none of that name.
    @discardableResult
    func removeOrganization(named name: String) async throws(StoreError) -> Bool
}

/// An organization and its current counts.
public struct Organization: Hashable, Sendable {
    /// How many streams a new organization may have open at once.
    package static let standardMaxStreams = 100

    public let name: String
    public let tag: Tag
    /// How many streams may still be opened; nil is unlimited.
    public let credits: Int?
    public let maxStreams: Int
    /// How many credits reservations hold, and how many streams are open.
    public let held: Int
    public let open: Int

    public init(name: String, tag: Tag, credits: Int?, maxStreams: Int, held: Int, open: Int) {
        self.name = name
        self.tag = tag
        self.credits = credits
        self.maxStreams = maxStreams
        self.held = held
        self.open = open
    }
}
