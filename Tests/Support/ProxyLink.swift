import FunctionEventLoop
import FunctionRedis
import StreamTokensRedis

/// One connection through a proxy: a client's, and the proxy's own to the server.
///
/// Lives on the proxy's loop.
final class ProxyLink: @unchecked Sendable {
    // Unchecked: everything is touched on the loop's thread alone, by the proxy and the two tasks of the link.

    private let proxy: FaultyProxy
    private let client: Socket
    private var server: Socket?
    /// Commands that wait for ``letGo()``; nil while none has to.
    private var held: [StoreCommand]?
    /// Commands that the server was sent, and replies that came.
    private var sent = 0
    private var answered = 0
    /// The reply that does not come back any more, by its number.
    private var lost: Int?

    init(_ client: Socket, of proxy: FaultyProxy) {
        self.client = client
        self.proxy = proxy
    }

    func run() async {
        guard let server = try? await Socket.connect(to: proxy.server, on: proxy.loop, until: .now + .seconds(1)) else {
            return client.close()
        }
        self.server = server
        proxy.loop.start { await self.passReplies(from: server) }
        var reader = ReplyReader()
        while let bytes = await Self.receive(from: client) {
            bytes.withUnsafeBytes { reader.feed($0) }
            // A client's commands are arrays of strings, as replies can be.
            while case .array(let arguments)? = try? reader.next() {
                await take(StoreCommand(arguments.map { if case .string(let bytes) = $0 { bytes } else { [] } }))
            }
        }
        client.close()
        // Held commands, and those whose reply is to be lost, have to arrive all the same.
        if held == nil, lost == nil { server.close() }
    }

    func letGo() {
        for command in held ?? [] { send(command) }
        held = nil
    }

    func close() {
        client.close()
        server?.close()
    }

    private func take(_ command: StoreCommand) async {
        let fate = await proxy.fate(of: command)
        guard held == nil else {
            held?.append(command)
            return
        }
        guard lost == nil, !client.isClosed else { return }
        switch fate {
        case .pass: send(command)
        case .cut: close()
        case .swallow: break
        case .hold: held = [command]
        case .loseReply:
            send(command)
            lost = sent
        }
    }

    private func send(_ command: StoreCommand) {
        guard let server, !server.isClosed else { return }
        sent += 1
        Self.write(Self.encoded(command), to: server)
    }

    private func passReplies(from server: Socket) async {
        var reader = ReplyReader()
        while let bytes = await Self.receive(from: server) {
            bytes.withUnsafeBytes { reader.feed($0) }
            while (try? reader.next()) != nil { answered += 1 }
            if let lost, answered >= lost {
                client.close()
                continue
            }
            if !client.isClosed { Self.write(bytes, to: client) }
        }
        close()
    }

    /// As it goes over the wire.
    private static func encoded(_ command: StoreCommand) -> [UInt8] {
        var bytes = Array("*\(command.words.count)\r\n".utf8)
        for word in command.words { bytes += Array("$\(word.count)\r\n".utf8) + word + Array("\r\n".utf8) }
        return bytes
    }

    /// So little always fits into a buffer whose reader is there.
    private static func write(_ bytes: [UInt8], to socket: Socket) {
        _ = try? bytes.withUnsafeBytes { try socket.write($0) }
    }

    /// What comes next; nil at the end.
    private static func receive(from socket: Socket) async -> [UInt8]? {
        while !socket.isClosed {
            guard let count = try? socket.read(into: socket.loop.scratch) else {
                guard await socket.readable() == .ready else { return nil }
                continue
            }
            return count > 0 ? Array(socket.loop.scratch[..<count]) : nil
        }
        return nil
    }
}
