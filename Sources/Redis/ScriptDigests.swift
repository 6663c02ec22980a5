/// The digests of the scripts that a connection has sent.
struct ScriptDigests {
    // A handful: comparing identities in a row beats hashing.
    private var entries: [(script: RedisScript, digest: Digest)] = []
    /// Whether the server takes none, though it may tell them.
    private var areUseless = false

    private enum Digest {
        case asked
        case refused
        case known(RedisScript.Digest)
    }

    subscript(script: RedisScript) -> RedisScript.Digest? {
        guard !areUseless else { return nil }
        for entry in entries where entry.script === script {
            if case .known(let digest) = entry.digest { return digest }
        }
        return nil
    }

    /// Whether the digest has not been asked for; from then on it has.
    mutating func begin(_ script: RedisScript) -> Bool {
        guard !areUseless, !entries.contains(where: { $0.script === script }) else { return false }
        entries.append((script, .asked))
        return true
    }

    /// Takes the server's answer; nil if it gave none, as to a user that may not load scripts.
    mutating func learn(_ digest: RedisScript.Digest?, of script: RedisScript) {
        guard let index = entries.firstIndex(where: { $0.script === script }) else { return }
        entries[index].digest = digest.map { .known($0) } ?? .refused
    }

    /// The server refuses to evaluate by digest: scripts go whole from now on.
    mutating func giveUp() {
        areUseless = true
    }

    /// The connection is lost; digests that are known stay true.
    mutating func forgetUnfinished() {
        areUseless = false
        entries.removeAll { if case .known = $0.digest { false } else { true } }
    }
}
