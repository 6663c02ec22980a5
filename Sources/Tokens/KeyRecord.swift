/// A key, as an administrator sees it: its secret is not kept.
public struct KeyRecord: Hashable, Sendable {
    public let id: String
    public let organization: String
    public let enabled: Bool
    public let rate: RateLimit

    public init(id: String, organization: String, enabled: Bool, rate: RateLimit) {
        self.id = id
        self.organization = organization
        self.enabled = enabled
        self.rate = rate
    }
}
