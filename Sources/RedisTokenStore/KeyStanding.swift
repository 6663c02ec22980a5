/// What the field of a key says in its organization's hash: `<enabled>:<epoch>:<digest>`.
struct KeyStanding: Sendable {
    let isEnabled: Bool
    let digest: String

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        isEnabled = parts[0] == "1"
        digest = String(parts[2])
    }
}
