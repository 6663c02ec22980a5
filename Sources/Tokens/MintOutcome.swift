/// What became of a mint.
public enum MintOutcome: Hashable, Sendable {
    case minted(Rate)
    /// The key is unknown or disabled.
    case unauthorized
    /// Over the key's limit; not counted.
    case limited(Rate)
    /// The organization has no credits left; counted as a request.
    case noCredits(Rate)
}
