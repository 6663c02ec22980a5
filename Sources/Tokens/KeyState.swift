/// What the memory store keeps of an API key.
struct KeyState: Sendable {
    let digest: Digest
    var limit: RateLimit
    var counter = RateCounter()
    var isEnabled = true
    /// Rises when the key is disabled: tokens of an older epoch are revoked.
    var epoch = 0
}
