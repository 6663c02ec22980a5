import FunctionEventLoop
import FunctionRedis
import StreamTokens
import StreamTokensRedis
import Support
import Testing

@Suite("The users of functions/deploy/redis/users.acl")
struct AccessTests {
    @Test("each can do its own work on a server with this file", arguments: AccessRole.allCases)
    func work(role: AccessRole) async throws {
        let server = try RedisServer(arguments: ["--aclfile", AccessRole.file])
        let tenant = try await AccessTenant(on: server)
        try await role.user(on: server).withStore { try await role.work(on: $0, for: tenant) }
    }

    @Test("each is refused everything else", arguments: AccessRole.allCases)
    func refused(role: AccessRole) async throws {
        let server = try RedisServer(arguments: ["--aclfile", AccessRole.file])
        let tenant = try await AccessTenant(on: server)
        try await role.user(on: server).withClient { client in
            for (name, arguments) in AccessRole.foreignToAll + role.foreign(of: tenant) {
                var command = RedisCommand(name)
                for argument in arguments { command.append(argument) }
                let error = await #expect(throws: RedisError.self, "\(name) \(arguments)") {
                    try await client.perform(command)
                }
                // The text of a script's refusal depends on the version.
                #expect(
                    error?.description.contains(/NOPERM|ACL failure|can't (run|access)|not allowed|unknown command/)
                        == true
                )
            }
        }
    }

    @Test("each needs every right that it has", arguments: AccessRole.allCases)
    func needed(role: AccessRole) async throws {
        let rights = try role.rights
        let folder = try TemporaryFolder()
        try folder.write("users.acl", Self.users(without: rights))
        let server = try RedisServer(
            arguments: ["--aclfile", folder.path + "/users.acl", "--acllog-max-len", "1000"]
        )
        let observer = AccessUser(server.url.endpoint)
        for (index, right) in rights.enumerated() where !AccessRole.ofTopologies.contains(right) {
            let user = AccessUser(server.url.endpoint, "without-\(index)")
            let tenant = try await AccessTenant(on: server, by: observer)
            do {
                try await user.withStore { store in
                    try await role.work(on: store, for: tenant)
                    // A missing courtesy right does not stop the work.
                    #expect(AccessRole.courtesies.contains(right), "\(role.rawValue) works without \(right)")
                    let isRefused = try await waitUntil { try await observer.hasRefused(right, to: user) }
                    #expect(isRefused, "\(role.rawValue) never uses \(right)")
                }
            } catch is StoreError {
                #expect(try await observer.hasRefused(right, to: user), "\(role.rawValue) fails without \(right)")
            }
        }
    }

    @Test("a restart of Redis with its append-only file loses nothing")
    func restarted() async throws {
        let server = try RedisServer(
            arguments: ["--aclfile", AccessRole.file, "--appendonly", "yes", "--appendfsync", "always"]
        )
        let tenant = try await AccessTenant(on: server)
        let token = tenant.tokens[0]
        try await AccessRole.stream.user(on: server).withStore { store in
            let attempt = Attempt.random(tenant.bits)
            _ = try await store.now.reserve(token, for: attempt, lease: 100_000)
            try await expect(store.now.commit(token, for: attempt), is: .committed)
        }
        let before = try await contents(of: server, token, tenant)
        server.kill()
        try server.restart()
        let after = try await contents(of: server, token, tenant)
        #expect(after == before)
        #expect(after.credits == 4)
    }

    /// What a store knows of a tenant and its token.
    private struct Contents: Equatable {
        let state: TokenState
        let credits: Int?
        let keys: [String]
    }

    private func contents(
        of server: RedisServer,
        _ token: StreamToken,
        _ tenant: AccessTenant
    ) async throws -> Contents {
        try await AccessRole.admin.user(on: server).withStore { store in
            Contents(
                state: try await store.now.show(token),
                credits: try await store.now.findOrganization(named: tenant.name)?.credits,
                keys: try await store.now.keys(of: tenant.name).map(\.id)
            )
        }
    }

    @Test("without a login nothing is allowed")
    func anonymous() async throws {
        let server = try RedisServer(arguments: ["--aclfile", AccessRole.file])
        try await AccessUser(server.url.endpoint).withClient(timeout: .seconds(3)) { client in
            let error = await #expect(throws: RedisError.self) { try await client.perform(RedisCommand("PING")) }
            #expect(error?.description.contains("NOAUTH") == true, "\(String(describing: error))")
        }
    }

    @Test("each can read the slot table of a cluster", arguments: AccessRole.allCases)
    func cluster(role: AccessRole) async throws {
        let server = try RedisServer(.tcp, arguments: ["--cluster-enabled", "yes", "--aclfile", AccessRole.file])
        try await role.user(on: server).withClient(.cluster, timeout: .seconds(3)) { client in
            // The server has no slots, and no user here may assign one, so this is all that can be tested.
            let error = await #expect(throws: RedisError.self) { try await client.perform(RedisCommand("PING")) }
            #expect(error?.description.contains("reports no slots") == true)
        }
    }

    @Test("a commit may wait for replicas")
    func replicas() async throws {
        let server = try RedisServer(arguments: ["--aclfile", AccessRole.file])
        let tenant = try await AccessTenant(on: server)
        try await AccessRole.stream.user(on: server).withClient(replicas: 1, timeout: .seconds(6)) { client in
            let store = AccessStore(client: client).now
            let attempt = Attempt.random(tenant.bits)
            _ = try await store.reserve(tenant.tokens[0], for: attempt, lease: 100_000)
            let error = await #expect(throws: StoreError.self) {
                try await store.commit(tenant.tokens[0], for: attempt)
            }
            #expect(error?.description.contains("replicas") == true)
        }
    }

    /// A user with every right, and for each of the rights a user with all others.
    private static func users(without rights: [String]) -> String {
        let users = rights.indices.map { index in
            let rest = rights.indices.filter { $0 != index }.map { rights[$0] }
            return "user without-\(index) on nopass resetchannels -@all \(rest.joined(separator: " "))\n"
        }
        return "user default on nopass ~* &* +@all\n" + users.joined()
    }
}
