/// How long a store keeps what it decides itself, in milliseconds.
package enum Lifetime {
    /// How long an open stream counts without being renewed.
    package static let stream = 15_000
    /// How long a used or revoked token is told from an unknown one, if it was not minted for longer.
    package static let tombstone = 120_000
    /// How long a mint refused for want of credits is remembered, so that its repetition counts nothing again.
    package static let refusal = 10_000
}
