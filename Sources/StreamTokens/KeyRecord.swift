/// A key, as an administrator sees it: its secret is not kept.
public struct KeyRecord: Hashable, Sendable {
    public let id: String
    public let organization: String
    /// What people call it; nil if it has no name.
    public let name: String?
    public let enabled: Bool
    public let rate: RateLimit

    public init(id: String, organization: String, name: String? = nil, enabled: Bool, rate: RateLimit) {
        self.id = id
        self.organization = organization
        self.name = name
        self.enabled = enabled
        self.rate = rate
    }
}

/// Which key is meant.
public enum KeyReference: Hashable, Sendable {
    /// The one of this ``APIKey/id``, whichever organization has it.
    case id(String)
    /// The key itself, of which a store needs no list to find it.
    case key(APIKey)

    /// What the command line, logs and audit call it.
    public var id: String {
        switch self {
        case .id(let id): id
        case .key(let key): key.id
        }
    }
}

/// What is to be changed of a key; nil stays as it is.
public struct KeyChange: Hashable, Sendable {
    /// What people call it; empty: nothing.
    public var name: String?
    /// Requests a window.
    public var limit: Int?
    /// In milliseconds. The count of requests begins anew with another one.
    public var window: Int?

    /// Stops the program if `limit` is not in ``RateLimit/limits`` or `window` not in ``RateLimit/windows``.
    public init(name: String? = nil, limit: Int? = nil, window: Int? = nil) {
        precondition(limit.map(RateLimit.limits.contains) ?? true, "no such limit")
        precondition(window.map(RateLimit.windows.contains) ?? true, "no such window")
        self.name = name
        self.limit = limit
        self.window = window
    }
}

extension Administration {
    /// Stores a key without a name.
    public func addKey(_ key: APIKey, limit: RateLimit) async throws(StoreError) {
        try await addKey(key, name: nil, limit: limit)
    }

    /// Enables or disables the key of that id.
    public func setKey(_ id: String, enabled: Bool) async throws(StoreError) -> Bool {
        try await setKey(.id(id), enabled: enabled)
    }
}
