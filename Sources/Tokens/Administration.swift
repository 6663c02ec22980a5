/// What an administrator does to a store: organizations and their keys.
public protocol Administration: Sendable {
    /// The organization of that name, made with unlimited credits if there is none. `candidates` gives tags to try.
    func organization(named name: String, candidates: @Sendable () -> Tag) async throws(StoreError) -> Organization

    /// Every organization, by name.
    func organizations() async throws(StoreError) -> [Organization]

    /// The organization of that name, if there is one.
    func findOrganization(named name: String) async throws(StoreError) -> Organization?

    /// Sets the credits (nil: unlimited). Answers false if there is no such organization.
    func setCredits(_ credits: Int?, of organization: String) async throws(StoreError) -> Bool

    /// Adds to the credits; leaves unlimited ones as they are. Answers false if there is no such organization.
    func addCredits(_ credits: Int, to organization: String) async throws(StoreError) -> Bool

    /// Sets how many streams may be open at once.
    func setMaxStreams(_ count: Int, of organization: String) async throws(StoreError) -> Bool

    /// Makes every token minted so far invalid, open streams too. Answers false if there is no such organization.
    func revokeTokens(of organization: String) async throws(StoreError) -> Bool

    /// Stores a key that the organization's tag begins.
    func addKey(_ key: APIKey, limit: RateLimit) async throws(StoreError)

    /// Every key of every organization, or of one.
    func keys(of organization: String?) async throws(StoreError) -> [KeyRecord]

    /// Enables or disables a key; disabling makes its tokens invalid. Answers false if there is no such key.
    func setKey(_ id: String, enabled: Bool) async throws(StoreError) -> Bool

    /// Counts `requests` requests of a key as made now, for fixtures.
    func useKey(_ key: APIKey, requests: Int) async throws(StoreError)

    /// Removes an organization with everything of it.
    func removeOrganization(named name: String) async throws(StoreError)
}
