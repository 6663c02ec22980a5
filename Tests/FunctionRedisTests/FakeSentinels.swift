import FunctionEventLoop
import FunctionRedis
import Support
import Testing

/// Sentinels and servers that reply as their test says, and a client.
struct FakeSentinels {
    /// A sentinel's reply when asked for the primary.
    enum Sentinel {
        /// The present primary; hangs up while there is none.
        case honest
        /// Always this server.
        case stubborn(Int)
        /// One server after another.
        case fickle
        /// These bytes; nil hangs up, and an empty text sends nothing.
        case says(String?)
        /// There is no such sentinel.
        case absent
    }

    let client: RedisClient
    let loop: EventLoop
    /// The addresses of the servers, as in the log.
    let servers: [String]
    let lines: Lock<[String]>
    /// The commands that the sentinels received.
    let asked: Lock<[[String]]>

    /// The replies of an ordinary server to a client that connects.
    static func greet(_ command: [String], as role: String = "master") -> String? {
        command.first == "ROLE" ? "*1\r\n$\(role.utf8.count)\r\n\(role)\r\n" : FakeServer.greet(command)
    }

    /// Runs `body` with a client of `sentinels`. The primary is the one of `servers` at the index `master`; there is
    /// none if that is -1. All sockets must be closed at the end.
    static func run(
        _ sentinels: [Sentinel],
        _ servers: [FakeServer.Behaviour],
        master: Lock<Int> = Lock(0),
        timeout: Interval = .seconds(5),
        path: String = "/m",
        credentials: String = "",
        host: String = "127.0.0.1",
        replicas: Int = 0,
        _ body: (FakeSentinels) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var all: [FakeServer] = []
            var ports: [UInt16] = []
            for behaviour in servers {
                let server = FakeServer(on: loop, behaviour)
                _ = try await server.start()
                all.append(server)
                ports.append(await server.port)
            }
            let asked = Lock([[String]]())
            var sentinelPorts: [UInt16] = []
            for sentinel in sentinels {
                guard let reply = reply(of: sentinel, host, ports, master) else {
                    sentinelPorts.append(try FreePort.find())
                    continue
                }
                let server = FakeServer(on: loop) { command, _ in
                    asked.withLock { $0.append(command) }
                    return command.first == "SENTINEL" ? reply() : FakeServer.greet(command)
                }
                _ = try await server.start()
                all.append(server)
                sentinelPorts.append(await server.port)
            }
            let lines = Lock([String]())
            let places = sentinelPorts.map { "127.0.0.1:\($0)" }.joined(separator: ",")
            let url = try RedisURL("redis+sentinel://\(credentials)\(places)\(path)")
            let client = RedisClient(url, on: loop, timeout: timeout, replicas: replicas) { line in
                lines.withLock { $0.append(line) }
            }
            let result: Result<Void, any Error>
            do {
                let addresses = ports.map { "\(host):\($0)" }
                try await body(
                    FakeSentinels(client: client, loop: loop, servers: addresses, lines: lines, asked: asked)
                )
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await client.close()
            for server in all { await server.stop() }
            try result.get()
            // A connect that is still in progress closes its socket when it ends.
            for port in ports + sentinelPorts { #expect(await waitUntil { openSockets(port: port).isEmpty }) }
        }
    }

    private static func reply(
        of sentinel: Sentinel,
        _ host: String,
        _ ports: [UInt16],
        _ master: Lock<Int>
    ) -> (@Sendable () -> String?)? {
        let count = Lock(0)
        return switch sentinel {
        case .honest:
            {
                let index = master.withLock { $0 }
                return index < 0 ? nil : address(host, ports[index])
            }
        case .stubborn(let index): { address(host, ports[index]) }
        case .fickle:
            {
                count.withLock { $0 += 1 }
                return address(host, ports[count.withLock { $0 } % ports.count])
            }
        case .says(let text): { text }
        case .absent: nil
        }
    }

    private static func address(_ host: String, _ port: UInt16) -> String {
        "*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$\("\(port)".utf8.count)\r\n\(port)\r\n"
    }

    func hasSaid(_ text: String) -> Bool {
        lines.withLock { $0.contains { $0.contains(text) } }
    }

    /// The error of the command `X`.
    func failure() async -> RedisError? {
        do throws(RedisError) {
            Issue.record("replied \(try await client.perform(RedisCommand("X")))")
            return nil
        } catch {
            return error
        }
    }
}
