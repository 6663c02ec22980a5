import Foundation
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

/// The users in the ACL file.
enum AccessRole: String, CaseIterable {
    case token
    case stream
    case admit
    case admin

    static let file = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../functions/deploy/redis/users.acl").standardizedFileURL.path

    /// Rights that help operators but that no function's work needs: a name in CLIENT LIST, warnings of settings, and
    /// sending scripts once instead of each time. PING probes a silent connection, even if it is refused.
    static let courtesies: Set = ["+client|setname", "+ping", "+info", "+script|load", "+evalsha"]

    /// Rights that are needed only with a cluster, a primary behind sentinels, or replicas to wait for.
    static let ofTopologies: Set = ["+cluster|slots", "+asking", "+role", "+wait"]

    /// Key patterns and commands.
    var rights: [String] {
        get throws {
            let lines = try String(contentsOfFile: Self.file, encoding: .utf8).split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix("user \(rawValue) ") })
            return line.split(separator: " ").map(String.init).filter { $0.hasPrefix("~") || $0.hasPrefix("+") }
        }
    }

    /// The user, with the password from the file.
    func user(on server: RedisServer) -> AccessUser {
        AccessUser(server.url.endpoint, rawValue, password: "\(rawValue.uppercased())_PASSWORD")
    }

    /// Everything that the role ever does.
    func work(on store: AccessStore, for tenant: AccessTenant) async throws {
        try await store.now.ping()
        switch self {
        case .token: try await mint(on: store, for: tenant)
        case .stream: try await redeem(on: store, for: tenant)
        case .admit: try await admit(on: store, for: tenant)
        case .admin: try await administer(store.now, tenant)
        }
    }

    private func mint(on store: AccessStore, for tenant: AccessTenant) async throws {
        for policy in [nil, Policy.examples[2]] {
            let token = tenant.newToken()
            // The token's record has the outcome for a repetition.
            for _ in 0..<2 {
                guard case .minted = try await store.now.mint(token, with: tenant.key, ttl: 60, policy: policy)
                else {
                    Issue.record("not minted")
                    return
                }
            }
        }
    }

    /// A run whose stream can be resumed.
    private func run(_ run: RunID, on store: AccessStore, for tenant: AccessTenant) async throws {
        let event = LoggedEvent(number: 1, front: "", block: Array("data: a\n\n".utf8))
        try await store.now.begin(run, RunTerms(workflow: "chat", window: 60_000))
        // Twice, as after a lost connection.
        for _ in 0..<2 { try await expect(store.now.append([event], to: run), is: .appended) }
        try await expect(store.now.attach(to: run, of: "chat", after: 1), is: 2)
        let standing = RunStanding.kept(reader: 2, position: 1)
        try await expect(store.now.renew([RunRenewal(run, reader: nil)], of: tenant.tag), is: [standing])
        try await expect(store.now.events(of: run, after: 0), is: [event])
        let place = LogPlace(run, after: 0)
        try await expect(store.now.events(behind: [place], of: tenant.tag), is: [[event]])
        let reader = RunReaderState(number: 2, position: 1)
        try await expect(store.now.renew(reader, of: run), is: .current(isOwned: true))
        try await store.now.drop(through: 1, from: run)
        try await expect(store.now.stop(run, of: "chat"), is: true)
        try await expect(store.now.lose(run), is: false)
        try await store.now.end(run, isKept: true)
        try await store.now.end(run, isKept: false)
    }

    private func redeem(on store: AccessStore, for tenant: AccessTenant) async throws {
        let (token, attempt) = (tenant.tokens[0], Attempt.random(tenant.bits))
        func reserve() async throws -> OpenStream {
            guard case .reserved(let reservation) = try await store.now.reserve(token, for: attempt, lease: 200_000)
            else { throw AccessTenant.Unexpected() }
            return reservation.stream
        }
        try await expect(store.now.check(token), is: nil)
        _ = try await reserve()
        try await store.now.release(token, for: attempt)
        let stream = try await reserve()
        try await expect(store.now.renew([], reserved: [stream], of: tenant.tag), is: [])
        try await expect(store.now.commit(token, for: attempt), is: .committed)
        try await expect(store.now.renew([stream], of: tenant.tag), is: [])
        try await run(RunID(token, attempt), on: store, for: tenant)
        try await store.now.end(attempt, of: tenant.tag)
        // As after a commit whose reply was lost.
        try await store.now.release(token, for: attempt)
        // The record of a token is not kept if it is released so late that it is no longer known as expired.
        _ = try await reserve()
        try await store.later(130_000).release(token, for: attempt)
    }

    private func admit(on store: AccessStore, for tenant: AccessTenant) async throws {
        let (token, attempt) = (tenant.tokens[2], Attempt.random(tenant.bits))
        try await expect(store.now.admit(tenant.tokens[1], for: attempt), is: .refused(.inUse))
        guard case .admitted = try await store.now.admit(token, for: attempt) else { throw AccessTenant.Unexpected() }
        // As after an admission whose reply was lost.
        try await store.now.release(token, for: attempt)
        // The record is not kept if the release comes so late that the token is no longer known as expired.
        _ = try await store.later(30_000).admit(token, for: attempt)
        // A token with a policy takes two steps.
        guard case .reserved = try await store.now.admit(tenant.tokens[0], for: attempt) else {
            throw AccessTenant.Unexpected()
        }
        try await expect(
            store.now.commit(tenant.tokens[0], for: attempt, countsAsOpen: false),
            is: .committed
        )
        try await store.later(130_000).release(token, for: attempt)
    }

    private func administer(_ store: RedisTokenStore, _ tenant: AccessTenant) async throws {
        let name = "another than \(tenant.name)"
        let tag = try await store.organization(named: name) { .random(tenant.bits) }.tag
        #expect(try await store.organizations().contains { $0.name == name })
        #expect(try await store.setCredits(5, of: name))
        #expect(try await store.addCredits(5, to: name))
        try await expect(store.findOrganization(named: name)?.credits, is: 10)
        #expect(try await store.setCredits(nil, of: name))
        #expect(try await store.setMaxStreams(5, of: name))
        let key = APIKey.random(tag: tag, tenant.bits).key
        try await store.addKey(key, limit: .default)
        try await expect(store.keys(of: name).map(\.id), is: [key.id])
        #expect(try await store.setKey(key.id, enabled: false))
        try await expect(store.findKey(.key(key))?.enabled, is: false)
        let change = KeyChange(name: "a name", limit: 3, window: 5000, requiresPolicy: true)
        #expect(try await store.updateKey(.id(key.id), change))
        try await store.useKey(key, requests: 5)
        #expect(try await store.removeKey(.id(key.id)))
        try await store.addKey(key, limit: .default)
        #expect(try await store.revokeTokens(of: name))
        try await store.removeOrganization(named: name)
        for token in tenant.tokens {
            try await expect(store.inspect(token), isNot: TokenDetails(.unknown))
            try await expect(store.revoke(token), isNot: .unknown)
        }
    }
}
