import Foundation
import FunctionRedis
import StreamTokens
import Support
import Testing

@testable import StreamTokensRedis

/// Functions of an older release beside new ones, as while a new release is rolled out. The scripts in `OlderScripts` are
/// those of two commits before tokens had policies.
@Suite("Scripts that know of no policies")
struct OlderScriptsTests {
    enum Release: String, CaseIterable {
        /// Any state that it did not know was invalid.
        case first = "19c62ae"
        /// Any state that it did not know was live.
        case last = "ad4a730"

        /// The scripts of operations on a token, with what they begin with.
        var operations: [(name: String, parts: [String])] {
            let record = ["clock", "read", "record"]
            let admission = self == .last ? record + ["leases", "admit"] : record + ["leases"]
            let check = self == .last ? [("check", admission + ["check"])] : []
            return check + [
                ("reserve", admission + ["reserve"]), ("commit", record + ["leases", "commit"]),
                ("release", record + ["release"]), ("revoke", record + ["revoke"]), ("show", record + ["show"]),
            ]
        }

        func script(_ parts: [String]) throws -> RedisScript {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("OlderScripts/\(rawValue)")
            return RedisScript(
                try parts.flatMap { Array(try Data(contentsOf: folder.appendingPathComponent("\($0).lua"))) }
            )
        }
    }

    private struct Setting {
        let release: Release
        let store: RedisTokenStore
        let fixture: StoreFixture
        let tenant: Tenant

        /// The reply of an older operation; an error is thrown.
        func perform(_ parts: [String], _ token: StreamToken, _ attempt: Attempt) async throws -> RedisReply {
            var command = RedisCommand(evaluating: try release.script(parts), keyCount: 4)
            command.appendOrganization(token.tag)
            command.append(token)
            command.appendHeld(token.tag)
            command.appendOpen(token.tag)
            command.append(store.clock)
            switch parts.last {
            case "reserve":
                command.append(attempt)
                command.append(35_000)
            case "commit":
                command.append(attempt)
                command.append(Lifetime.stream)
                command.append(Lifetime.tombstone)
            case "release": command.append(attempt)
            case "revoke": command.append(Lifetime.tombstone)
            default: break
            }
            return try await store.client.perform(command)
        }

        func mint(_ token: StreamToken) async throws -> RedisReply {
            var command = RedisCommand(
                evaluating: try release.script(["clock", "read", "counter", "mint"]),
                keyCount: 3
            )
            command.appendOrganization(token.tag)
            command.append(tenant.key)
            command.append(token)
            command.append(store.clock)
            command.append(tenant.key.id)
            if release == .first {
                command.append(60)
                command.append(Lifetime.refusal)
            } else {
                command.append(Lifetime.refusal)
                command.append(60)
                command.append(60_000 + Lifetime.expired)
            }
            return try await store.client.perform(command)
        }
    }

    private static func setting(_ release: Release) async throws -> Setting {
        let store = RedisTokenStore(client: try SharedRedis.client())
        let fixture = StoreFixture(store, ManualClock())
        return Setting(release: release, store: store, fixture: fixture, tenant: try await fixture.tenant())
    }

    @Test("refuse a token with a policy in each of its states, and change nothing", arguments: Release.allCases)
    func refused(release: Release) async throws {
        let setting = try await Self.setting(release)
        let (store, tenant) = (setting.store, setting.tenant)
        for policy in Policy.examples {
            for state in ["live", "reserved", "used", "revoked"] {
                let (token, attempt) = (try await tenant.mint(policy), setting.fixture.attempt())
                if state == "reserved" || state == "used" { _ = try await tenant.reserve(token, for: attempt) }
                if state == "used" { _ = try await store.commit(token, for: attempt) }
                if state == "revoked" { _ = try await store.revoke(token) }
                let before = (try await store.inspect(token), try await tenant.state())
                for operation in release.operations {
                    for each in [attempt, setting.fixture.attempt()] {
                        await #expect(throws: RedisError.self, "\(operation.name) of a \(state) token") {
                            try await setting.perform(operation.parts, token, each)
                        }
                    }
                }
                await #expect(throws: RedisError.self) { try await setting.mint(token) }
                try await expect(store.inspect(token), is: before.0)
                try await expect(tenant.state(), is: before.1)
            }
        }
    }

    @Test("mint nothing with a key that requires a policy", arguments: Release.allCases)
    func keys(release: Release) async throws {
        let setting = try await Self.setting(release)
        #expect(try await setting.store.updateKey(.key(setting.tenant.key), KeyChange(requiresPolicy: true)))
        try await expect(setting.mint(setting.tenant.newToken()), is: .array([.integer(1)]))
        #expect(try await setting.store.updateKey(.key(setting.tenant.key), KeyChange(requiresPolicy: false)))
        let reply = try await setting.mint(setting.tenant.newToken())
        #expect(reply.elements?.first == .integer(0))
    }

    @Test("and those of today have the same tokens, if these have no policy", arguments: Release.allCases)
    func shared(release: Release) async throws {
        let setting = try await Self.setting(release)
        let (store, tenant) = (setting.store, setting.tenant)
        let parts = Dictionary(uniqueKeysWithValues: release.operations.map { ($0.name, $0.parts) })
        let (theirs, ours) = (tenant.newToken(), try await tenant.mint())
        let attempts = [setting.fixture.attempt(), setting.fixture.attempt()]
        _ = try await setting.mint(theirs)
        _ = try await tenant.open(theirs, for: attempts[0])
        let reserve = try #require(parts["reserve"])
        let reserved = try await setting.perform(reserve, ours, attempts[1])
        #expect(reserved.elements?.first == .integer(0))
        try await expect(store.commit(ours, for: attempts[1]), is: .committed)
        for (token, attempt) in zip([theirs, ours], attempts) {
            _ = try await setting.perform(try #require(parts["release"]), token, attempt)
            try await expect(store.check(token), is: nil)
        }
    }
}
