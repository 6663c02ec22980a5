import FunctionRedis
import StreamTokens

/// The operations that a function needs of its store.
public enum StoreUse: Sendable {
    case minting
    case redeeming
    /// Redeeming, with streams that can be resumed.
    case resuming
    case admitting
}

extension StoreUse {
    fileprivate var number: UInt64 {
        switch self {
        case .minting: 0
        case .redeeming: 1
        case .admitting: 2
        case .resuming: 3
        }
    }
}

extension RedisTokenStore {
    /// Runs each script of `use` once on each server that has slots, for an organization that does not exist. Returns
    /// what a server cannot do, in words for the operator.
    ///
    /// Some servers speak Redis' protocol but run scripts in another Lua, or lack a command. It is better to learn that
    /// at the start than from the first stream. A rehearsal writes only under `st:{probe…}`, and what it writes expires
    /// within a second.
    public func rehearse(_ use: StoreUse) async -> [String] {
        let commands = Self.tags.map { RedisCommand("GET", "st:{\($0)}:org") }
        var store = self
        store.isRehearsal = true
        var failures: [String] = []
        for index in await client.representatives(of: commands) {
            for failure in await store.rehearse(use, for: Self.tags[index]) where !failures.contains(failure) {
                failures.append(failure)
            }
        }
        return failures
    }

    private func rehearse(_ use: StoreUse, for tag: Tag) async -> [String] {
        // The same names in every process: two rehearsals at once do no harm. Each use has a token of its own, because
        // the others leave theirs in another state.
        let token = StreamToken.random(tag: tag, { use.number }).token
        let key = APIKey.random(tag: tag, { 0 }).key
        let attempt = Attempt.random { 0 }
        let stream = OpenStream(token: token, attempt: attempt, epoch: 0, keyID: "probe", keyEpoch: 0)
        var failures: [String] = []
        func step(_ name: String, _ operation: () async throws(StoreError) -> Void) async {
            do throws(StoreError) {
                try await operation()
            } catch {
                failures.append("the server cannot \(name): \(error)")
            }
        }
        switch use {
        case .minting:
            await step("mint") { () throws(StoreError) in _ = try await mint(token, with: key, ttl: 60) }
        case .redeeming, .resuming:
            await step("check a token") { () throws(StoreError) in _ = try await check(token) }
            await step("reserve") { () throws(StoreError) in _ = try await reserve(token, for: attempt, lease: 1000) }
            await step("renew leases") { () throws(StoreError) in
                _ = try await renew([stream], reserved: [stream], of: tag)
            }
            await step("commit") { () throws(StoreError) in _ = try await commit(token, for: attempt) }
            if use == .resuming { await rehearseRun(RunID(token, attempt), step) }
            await step("release") { () throws(StoreError) in try await release(token, for: attempt) }
            await step("end a stream") { () throws(StoreError) in try await end(attempt, of: tag) }
        case .admitting:
            await step("admit") { () throws(StoreError) in _ = try await admit(token, for: attempt) }
            await step("commit") { () throws(StoreError) in
                _ = try await commit(token, for: attempt, countsAsOpen: false)
            }
            await step("release") { () throws(StoreError) in try await release(token, for: attempt) }
        }
        return failures
    }

    private func rehearseRun(
        _ run: RunID,
        _ step: (String, () async throws(StoreError) -> Void) async -> Void
    ) async {
        let reader = RunReaderState(number: 1, position: 0)
        let event = LoggedEvent(number: 1, front: "", block: [])
        await step("begin a log") { () throws(StoreError) in
            try await begin(run, RunTerms(workflow: "probe", window: 1000))
        }
        await step("add to a log") { () throws(StoreError) in _ = try await append([event], to: run) }
        await step("read a log") { () throws(StoreError) in _ = try await events(of: run, after: 0) }
        await step("read logs") { () throws(StoreError) in
            _ = try await events(behind: [LogPlace(run, after: 0)], of: run.token.tag)
        }
        await step("renew logs") { () throws(StoreError) in
            _ = try await renew([RunRenewal(run, reader: reader)], of: run.token.tag)
        }
        await step("resume a stream") { () throws(StoreError) in
            _ = try await attach(to: run, of: "probe", after: 1, isAllowed: true)
        }
        await step("renew a reader") { () throws(StoreError) in _ = try await renew(reader, of: run) }
        await step("stop a stream") { () throws(StoreError) in
            _ = try await stop(run, of: "probe", isAllowed: true)
        }
        await step("take a log away") { () throws(StoreError) in _ = try await lose(run) }
        await step("shorten a log") { () throws(StoreError) in try await drop(through: 0, from: run) }
        await step("end a log") { () throws(StoreError) in try await end(run, isKept: true) }
    }

    /// Tags that no organization has, enough to cover the slots of each server of an ordinary cluster.
    private static let tags = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        // Not nil: these are six base62 characters.
        .map { Tag("\(Tag.rehearsal)\($0)")! }
}
