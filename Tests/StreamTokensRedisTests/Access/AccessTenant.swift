import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support

/// An organization with credits, a key and three tokens: the first one has a policy, the second one is reserved.
struct AccessTenant: Sendable {
    let name: String
    let key: APIKey
    let tokens: [StreamToken]
    let bits: RandomBits = { .random(in: 0 ... .max) }

    struct Unexpected: Error {}

    var tag: StreamTokens.Tag { key.tag }

    /// Makes the data as the roles' users, or all of it as `one`, who has every right.
    init(on server: RedisServer, by one: AccessUser? = nil) async throws {
        let name = "organization \(bits())"
        let bits = bits
        let key = try await (one ?? AccessRole.admin.user(on: server)).withStore { store in
            let tag = try await store.now.organization(named: name) { .random(bits) }.tag
            let key = APIKey.random(tag: tag, bits).key
            try await store.now.addKey(key, limit: .default)
            _ = try await store.now.setCredits(5, of: name)
            return key
        }
        let tokens = (0..<3).map { _ in StreamToken.random(tag: key.tag, bits).token }
        try await (one ?? AccessRole.token.user(on: server)).withStore { store in
            for (token, policy) in zip(tokens, [Policy.examples[2], nil, nil]) {
                _ = try await store.now.mint(token, with: key, ttl: 60, policy: policy)
            }
        }
        try await (one ?? AccessRole.stream.user(on: server)).withStore { store in
            _ = try await store.now.reserve(tokens[1], for: .random(bits), lease: 100_000)
        }
        self.name = name
        self.key = key
        self.tokens = tokens
    }

    func newToken() -> StreamToken {
        StreamToken.random(tag: tag, bits).token
    }
}
