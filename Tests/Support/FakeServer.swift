public import FunctionEventLoop
public import FunctionRedis

/// A server that replies to each command as its test says.
public actor FakeServer {
    /// A test's reply to a command: bytes to send as they are, or nil to hang up. `connection` counts from 1.
    public typealias Behaviour = @Sendable (_ command: [String], _ connection: Int) -> String?

    private let loop: EventLoop
    private let behaviour: Behaviour
    private var listener: Listener?
    private var sockets: [Socket] = []
    /// How many commands came with each read, connection by connection.
    public private(set) var commandsPerRead: [[Int]] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    public init(on loop: EventLoop, _ behaviour: @escaping Behaviour) {
        self.loop = loop
        self.behaviour = behaviour
    }

    /// The replies of an ordinary server to a client that connects.
    public static func greet(_ command: [String]) -> String? {
        switch command.first {
        case "CLIENT", "AUTH", "SELECT": "+OK\r\n"
        case "PING": "+PONG\r\n"
        case "INFO": "$-1\r\n"
        default: nil
        }
    }

    /// Listens on a free port.
    public func start() throws -> RedisURL {
        let address = try SocketAddress.loopback(FreePort.find())
        let listener = try Listener(address, on: loop) { socket in self.assumeIsolated { $0.accept(socket) } }
        self.listener = listener
        // Not nil: an IPv4 socket has a port.
        return RedisURL(.tcp(host: "127.0.0.1", port: listener.address.port!))
    }

    /// The port it listens on; 0 before it does.
    public var port: UInt16 { listener?.address.port ?? 0 }

    public func stop() {
        listener?.close()
        for socket in sockets { socket.close() }
    }

    /// Sends unsolicited bytes on every connection.
    public func send(_ text: String) throws {
        for socket in sockets where !socket.isClosed {
            _ = try Array(text.utf8).withUnsafeBytes { try socket.write($0) }
        }
    }

    private func accept(_ socket: Socket) {
        sockets.append(socket)
        commandsPerRead.append([])
        let number = sockets.count
        loop.start { await self.serve(socket, number) }
    }

    private func serve(_ socket: Socket, _ number: Int) async {
        defer { socket.close() }
        var reader = ReplyReader()
        do {
            while true {
                guard let count = try socket.read(into: loop.scratch) else {
                    guard await socket.readable() == .ready else { return }
                    continue
                }
                guard count > 0 else { return }
                reader.feed(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
                var commands = 0
                // A client's commands are arrays of strings, which a reply can be too.
                while let command = try reader.next() {
                    commands += 1
                    guard let reply = behaviour(Self.arguments(of: command), number) else { return }
                    _ = try Array(reply.utf8).withUnsafeBytes { try socket.write($0) }
                }
                commandsPerRead[number - 1].append(commands)
            }
        } catch {}
    }

    private static func arguments(of command: RedisReply) -> [String] {
        guard case .array(let arguments) = command else { return [] }
        return arguments.map { if case .string(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "?" } }
    }
}
