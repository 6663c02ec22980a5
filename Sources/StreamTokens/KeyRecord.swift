/// A key, as an administrator sees it: without its secret, which is not stored.
public struct KeyRecord: Hashable, Sendable {
    public let id: String
    public let organization: String
    /// A name for people; nil if there is none.
    public let name: String?
    public let enabled: Bool
    public let rate: RateLimit
    /// Whether it mints only tokens with a policy.
    public let requiresPolicy: Bool

    public init(
        id: String,
        organization: String,
        name: String? = nil,
        enabled: Bool,
        rate: RateLimit,
        requiresPolicy: Bool = false
    ) {
        self.id = id
        self.organization = organization
        self.name = name
        self.enabled = enabled
        self.rate = rate
        self.requiresPolicy = requiresPolicy
    }
}

/// Refers to a key.
public enum KeyReference: Hashable, Sendable {
    /// The key with this ``APIKey/id``, in any organization.
    case id(String)
    /// The key itself, which a store finds without searching.
    case key(APIKey)

    /// The key's name in the command line, logs and audit.
    public var id: String {
        switch self {
        case .id(let id): id
        case .key(let key): key.id
        }
    }
}

/// A change of a key; nil leaves a value as it is.
public struct KeyChange: Hashable, Sendable {
    /// A name for people; an empty one removes the name.
    public var name: String?
    /// Requests per window.
    public var limit: Int?
    /// In milliseconds. A different window starts the count of requests again.
    public var window: Int?
    /// Whether the key mints only tokens with a policy.
    public var requiresPolicy: Bool?

    /// Stops the program if `limit` is not in ``RateLimit/limits`` or `window` not in ``RateLimit/windows``.
    public init(name: String? = nil, limit: Int? = nil, window: Int? = nil, requiresPolicy: Bool? = nil) {
        precondition(limit.map(RateLimit.limits.contains) ?? true, "no such limit")
        precondition(window.map(RateLimit.windows.contains) ?? true, "no such window")
        self.name = name
        self.limit = limit
        self.window = window
        self.requiresPolicy = requiresPolicy
    }
}

extension Administration {
    /// Stores a key that mints tokens with a policy or without one.
    public func addKey(_ key: APIKey, name: String? = nil, limit: RateLimit) async throws(StoreError) {
        try await addKey(key, name: name, limit: limit, requiresPolicy: false)
    }

    /// Enables or disables the key of that id.
    public func setKey(_ id: String, enabled: Bool) async throws(StoreError) -> Bool {
        try await setKey(.id(id), enabled: enabled)
    }
}
