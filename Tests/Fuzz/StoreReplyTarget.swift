import FunctionRedis
import StreamTokens
import StreamTokensRedis

/// What a server answers to a script, read as each operation of the store reads it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStoreReply(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // libFuzzer's input, which lives as long as this call.
    var reader = ReplyReader()
    reader.feed(UnsafeRawBufferPointer(start: start, count: count))
    do throws(RedisProtocolError) {
        while let reply = try reader.next() { read(reply) }
    } catch {}
    return 0
}

private let token = StreamToken.random(tag: .random { 1 }) { 1 }.token
private let attempt = Attempt.random { 1 }

private func read(_ reply: RedisReply) {
    switch MintOutcome(reply) {
    case .minted(let rate), .limited(let rate), .noCredits(let rate):
        precondition(rate.limit > 0 && rate.remaining >= 0 && 0...200_000_000 ~= rate.retryAfter)
    case .unauthorized, .policyRequired, nil: break
    }
    if case .reserved(let reservation) = ReserveOutcome(reply, token, attempt), let policy = reservation.policy {
        precondition(Policy(user: policy.user, encoded: policy.encoded) == policy)
    }
    _ = TokenDetails(reply)
    _ = CommitOutcome(reply)
    _ = TokenState(reply)
    let stream = OpenStream(token: token, attempt: attempt, epoch: 0, keyID: "", keyEpoch: 0)
    precondition(LostStream.all(reply, of: [stream])?.count ?? 0 <= 1)
    let events = LoggedEvents.read(reply, after: 0) ?? []
    precondition(events.allSatisfy { $0.number > 0 })
    // The name of a log is whatever the server says.
    if case .array(let streams) = reply, case .array(let parts)? = streams.first, case .string(let name)? = parts.first
    {
        _ = LoggedEvents.read(streams: reply, of: [name: RunID(token, attempt)])
    }
    if case .some(.some(let organization)) = Organization.read(reply, token.tag) {
        precondition(organization.held + organization.open >= 0)
        _ = organization.credits.map { $0 + 1 }
    }
}
