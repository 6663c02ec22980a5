import FunctionRedis
import StreamTokens

/// Key names and arguments of scripts. All names of an organization contain its tag in braces, so they share one slot.
extension RedisCommand {
    mutating func appendOrganization(_ tag: Tag) {
        append(named: "org", of: tag)
    }

    mutating func appendHeld(_ tag: Tag) {
        append(named: "held", of: tag)
    }

    mutating func appendOpen(_ tag: Tag) {
        append(named: "open", of: tag)
    }

    mutating func appendRun(_ run: RunID) {
        append(named: "run:", of: run.token.tag, Base64URL.characterCount) { run.attempt.append(to: &$0) }
    }

    mutating func appendLog(_ run: RunID) {
        append(named: "log:", of: run.token.tag, Base64URL.characterCount) { run.attempt.append(to: &$0) }
    }

    mutating func append(_ token: StreamToken) {
        append(named: "tok:", of: token.tag, token.digest)
    }

    /// The name of what is not in its token's record of a long policy.
    mutating func append(policyOf token: StreamToken) {
        append(named: "tok:", of: token.tag, Base64URL.characterCount + 2) {
            token.digest.append(to: &$0)
            $0 += ":p".utf8
        }
    }

    /// The end user, a blank, and the rest of the policy.
    mutating func append(_ policy: Policy) {
        append(count: (policy.user?.utf8.count ?? 0) + 1 + policy.encoded.count) {
            if let user = policy.user { $0 += user.utf8 }
            $0.append(UInt8(ascii: " "))
            $0 += policy.encoded
        }
    }

    mutating func append(_ key: APIKey) {
        append(named: "key:", of: key.tag, key.digest)
    }

    /// The name of the record of a call that must not be executed twice.
    mutating func appendCall(_ id: Attempt, of tag: Tag) {
        append(named: "call:", of: tag, Base64URL.characterCount) { id.append(to: &$0) }
    }

    mutating func append(_ attempt: Attempt) {
        append(count: Base64URL.characterCount) { attempt.append(to: &$0) }
    }

    /// The key that minted a stream's token, between the epochs of then: `<epoch>:<key id>:<key epoch>`.
    mutating func append(originOf stream: OpenStream) {
        append("\(stream.epoch):\(stream.keyID):\(stream.keyEpoch)")
    }

    mutating func append(_ clock: StoreClock) {
        switch clock {
        case .offset(let milliseconds): append(milliseconds)
        case .pinned(let now): append("=\(now())")
        }
    }

    private mutating func append(named name: StaticString, of tag: Tag, _ digest: Digest) {
        append(named: name, of: tag, Base64URL.characterCount) { digest.append(to: &$0) }
    }

    private mutating func append(
        named name: StaticString,
        of tag: Tag,
        _ restCount: Int = 0,
        rest: (inout [UInt8]) -> Void = { _ in }
    ) {
        append(count: 6 + Tag.characterCount + name.utf8CodeUnitCount + restCount) { bytes in
            bytes += "st:{".utf8
            bytes += tag.text.utf8
            bytes += "}:".utf8
            bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            rest(&bytes)
        }
    }
}
