import FunctionEventLoop
import FunctionRedis
import StreamTokensRedis

/// A user of a server. It uses a database other than the first, which requires a SELECT.
struct AccessUser: Sendable {
    private let url: RedisURL

    /// Without a `name`, the server's default user.
    init(_ endpoint: RedisURL.Endpoint, _ name: String? = nil, password: String = "any") {
        url = RedisURL(endpoint, user: name, password: name == nil ? nil : password, database: 1)
    }

    func withClient<Result>(
        _ topology: RedisURL.Topology = .server,
        replicas: Int = 0,
        timeout: Interval = .seconds(30),
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        // Clusters have one database.
        let database = topology == .cluster ? 0 : url.database
        let url = RedisURL(topology, url.endpoints, user: url.user, password: url.password, database: database)
        let client = RedisClient(url, on: loop, timeout: timeout, replicas: replicas)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    func withStore<Result>(_ body: (AccessStore) async throws -> Result) async throws -> Result {
        try await withClient { client in try await body(AccessStore(client: client)) }
    }

    /// Whether Redis' ACL log says that `user` was refused for lack of `right`.
    func hasRefused(_ right: String, to user: AccessUser) async throws -> Bool {
        var command = RedisCommand("ACL")
        for argument in ["LOG", "1000"] { command.append(argument) }
        let log = try await withClient { client in try await client.perform(command) }
        guard case .array(let entries) = log else { return false }
        return entries.contains { entry in
            let fields = Self.fields(of: entry)
            guard fields["username"] == user.url.user, let object = fields["object"] else { return false }
            switch fields["reason"] {
            // Redis 6.2 logs the command without its subcommand.
            case "command": return right == "+\(object)" || right.hasPrefix("+\(object)|")
            // Patterns have a star for the tag, and some have one at the end.
            case "key":
                let parts = right.dropFirst().split(separator: "*").map(String.init)
                return right.hasPrefix("~") && object.hasPrefix(parts[0]) && parts.allSatisfy(object.contains)
            default: return false
            }
        }
    }

    private static func fields(of entry: RedisReply) -> [String: String] {
        guard case .array(let elements) = entry else { return [:] }
        let texts = elements.map {
            if case .string(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "" }
        }
        let pairs = stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// The store, with its clock now or later.
struct AccessStore: Sendable {
    let client: RedisClient

    var now: RedisTokenStore { later(0) }

    func later(_ milliseconds: Int) -> RedisTokenStore {
        RedisTokenStore(client: client, clockOffset: milliseconds)
    }
}
