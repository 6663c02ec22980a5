import FunctionRuntime
package import StreamTokens

extension Administration {
    /// Makes a key of the organization, which is made if there is none; answers it with its secret.
    package func makeKey(of organization: String, _ rate: RateLimit) async throws(StoreError) -> (
        key: APIKey, secret: String
    ) {
        let random = SystemRandom()
        let organization = try await self.organization(named: organization) { Tag.random(random.next) }
        let (key, secret) = APIKey.random(tag: organization.tag, random.next)
        try await addKey(key, limit: rate)
        return (key, secret)
    }
}
