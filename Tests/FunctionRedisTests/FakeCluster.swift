import FunctionEventLoop
import FunctionRedis
import Support

/// Servers that claim to be a cluster, and reply to each command as their test says.
struct FakeCluster: Sendable {
    /// A server's reply: bytes as they are, or nil to hang up. Servers count from 0.
    typealias Behaviour = @Sendable (_ server: Int, _ command: [String], FakeCluster) -> String?

    private let ports: Lock<[UInt16]>
    private let calls: Lock<[[String: Int]]>

    /// The port of a server.
    func port(_ server: Int) -> UInt16 { ports.withLock { $0[server] } }

    /// How often a server received the command.
    func count(_ command: String, at server: Int) -> Int { calls.withLock { $0[server][command, default: 0] } }

    /// The reply to CLUSTER SLOTS if one server has all slots.
    func slots(of server: Int) -> String {
        "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:\(port(server))\r\n$2\r\nid\r\n"
    }

    /// A redirection to a server, for the slot of the key `foo`.
    func redirection(_ code: String, to server: Int) -> String {
        "-\(code) 12182 127.0.0.1:\(port(server))\r\n"
    }

    /// Runs `body` with a client that knows only the first server. It has all slots, unless `behaviour` replies to
    /// CLUSTER.
    static func run(
        _ count: Int,
        timeout: Interval = .seconds(10),
        replicas: Int = 0,
        log: @escaping @Sendable (String) -> Void = { _ in },
        as behaviour: @escaping Behaviour,
        _ body: (RedisClient, FakeCluster, EventLoop) async throws -> Void
    ) async throws {
        let cluster = FakeCluster(ports: Lock([]), calls: Lock(Array(repeating: [:], count: count)))
        try await withLoop { loop in
            var servers: [FakeServer] = []
            for index in 0..<count {
                let server = FakeServer(on: loop) { command, _ in
                    cluster.calls.withLock { $0[index][command.first ?? "", default: 0] += 1 }
                    if let greeting = FakeServer.greet(command) { return greeting }
                    return behaviour(index, command, cluster)
                }
                _ = try await server.start()
                let port = await server.port
                cluster.ports.withLock { $0.append(port) }
                servers.append(server)
            }
            let seed = RedisURL(.cluster, [.tcp(host: "127.0.0.1", port: cluster.port(0))])
            let client = RedisClient(seed, on: loop, timeout: timeout, replicas: replicas, log: log)
            do {
                try await body(client, cluster, loop)
                await client.close()
                for server in servers { await server.stop() }
            } catch {
                await client.close()
                for server in servers { await server.stop() }
                throw error
            }
        }
        let ports = cluster.ports.withLock { $0 }
        // No connection outlives its client, whatever the servers did.
        for port in ports where await !waitUntil({ openSockets(port: port) == [] }) {
            throw LeftOpen(port: port)
        }
    }

    struct LeftOpen: Error {
        let port: UInt16
    }
}
