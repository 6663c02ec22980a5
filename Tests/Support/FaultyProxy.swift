public import FunctionEventLoop
public import FunctionRedis
package import StreamTokensRedis

/// A proxy in front of a Redis server that does to commands what a test says: it puts a fault exactly where it is wanted.
public actor FaultyProxy {
    /// What becomes of a command.
    public enum Fate: Sendable {
        /// It goes on to the server, and its reply comes back.
        case pass
        /// The server never sees it: the connection is cut.
        case cut
        /// The server never sees it, and nothing is said.
        case swallow
        /// The server executes it, and the connection is cut instead of its reply.
        case loseReply
        /// It waits, with all that follows on its connection, until ``letGo()``: the server then executes it, whether its
        /// client is still there or not.
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
        guard let address else { throw RedisServer.Failure(description: "\(server.url) is no address") }
        self.server = address
    }

    /// Listens on a free port, and answers where.
    public func start() throws -> RedisURL {
        let listener = try Listener(.loopback(0), on: loop) { socket in self.assumeIsolated { $0.accept(socket) } }
        self.listener = listener
        // A socket of IPv4 has a port.
        return RedisURL(.tcp(host: "127.0.0.1", port: listener.address.port!))
    }

    /// From now on commands fare as `rule` says; those that are held stay so.
    package func apply(_ rule: @escaping Rule) {
        self.rule = rule
    }

    /// Commands of `operation` fare so, `count` of them at most; all others pass.
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

    /// All commands pass from now on.
    public func heal() {
        rule = { _ in .pass }
    }

    /// Sends on what is held.
    public func letGo() {
        for link in links { link.letGo() }
    }

    /// How many commands of a kind have come.
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
