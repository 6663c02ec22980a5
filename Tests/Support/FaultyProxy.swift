public import FunctionEventLoop
public import FunctionRedis
package import StreamTokensRedis

/// A proxy in front of a Redis server. The test says what happens to each command, so it can put a fault exactly where
/// it is wanted.
public actor FaultyProxy {
    /// What happens to a command.
    public enum Fate: Sendable {
        /// The server receives it, and its reply comes back.
        case pass
        /// The server never receives it: the connection is cut.
        case cut
        /// The server never receives it, and nothing comes back.
        case swallow
        /// The server executes it, and the connection is cut instead of its reply.
        case loseReply
        /// The command and everything behind it on its connection wait until ``letGo()``. Then the server executes
        /// them, whether or not the client is still there.
        case hold
    }

    package typealias Rule = @Sendable (StoreCommand) -> Fate

    nonisolated let loop: EventLoop
    let server: SocketAddress
    private var rule: Rule = { _ in .pass }
    private var listener: Listener?
    private var links: [ProxyLink] = []
    private var seen: [StoreCommand.Operation: Int] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    public init(to server: RedisServer, on loop: EventLoop) throws {
        self.loop = loop
        let address =
            switch server.url.endpoint {
            case .unix(let path): SocketAddress(path: path)
            case .tcp(let host, let port): SocketAddress(ip: host, port: port)
            }
        guard let address else { throw RedisServer.Failure(description: "\(server.url) is not an address") }
        self.server = address
    }

    /// Listens on a free port; returns the URL.
    public func start() throws -> RedisURL {
        let listener = try Listener(.loopback(0), on: loop) { socket in self.assumeIsolated { $0.accept(socket) } }
        self.listener = listener
        // Not nil: an IPv4 socket has a port.
        return RedisURL(.tcp(host: "127.0.0.1", port: listener.address.port!))
    }

    /// From now on, `rule` decides about commands; held ones stay held.
    package func apply(_ rule: @escaping Rule) {
        self.rule = rule
    }

    /// Applies `fate` to commands of `operation`, at most `count` of them; all others pass.
    package func apply(_ fate: Fate, to operation: StoreCommand.Operation, atMost count: Int = .max) {
        let left = Lock(count)
        apply { command in
            guard command.operation == operation else { return .pass }
            return left.withLock { left in
                left -= 1
                return left >= 0 ? fate : .pass
            }
        }
    }

    /// From now on, all commands pass.
    public func heal() {
        rule = { _ in .pass }
    }

    /// Sends the held commands to the server.
    public func letGo() {
        for link in links { link.letGo() }
    }

    /// How many commands of an operation have come.
    package func count(of operation: StoreCommand.Operation) -> Int {
        seen[operation, default: 0]
    }

    public func stop() {
        listener?.close()
        listener = nil
        for link in links { link.close() }
        links = []
    }

    func fate(of command: StoreCommand) -> Fate {
        seen[command.operation, default: 0] += 1
        return rule(command)
    }

    private func accept(_ socket: Socket) {
        let link = ProxyLink(socket, of: self)
        links.append(link)
        loop.start { await link.run() }
    }
}
