import FunctionEventLoop
import FunctionRedis
import StreamTokensRedis

/// One connection through a proxy: the client's, and the proxy's own to the server.
///
/// Lives on the proxy's loop.
final class ProxyLink: @unchecked Sendable {
    // Unchecked: only the loop's thread uses it, in the proxy and the link's two tasks.

    private let proxy: FaultyProxy
    private let client: Socket
    private var server: Socket?
    /// Commands that wait for ``letGo()``; nil if none has to.
    private var held: [StoreCommand]?
    /// How many commands were sent to the server, and how many replies came.
    private var sent = 0
    private var replies = 0
    /// The number of the reply that is not passed on.
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
            // A client's commands are arrays of strings, which a reply can be too.
            while case .array(let arguments)? = try? reader.next() {
                await take(StoreCommand(arguments.map { if case .string(let bytes) = $0 { bytes } else { [] } }))
            }
        }
        client.close()
        // Held commands, and commands whose reply is to be lost, must still arrive.
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
            while (try? reader.next()) != nil { replies += 1 }
            if let lost, replies >= lost {
                client.close()
                continue
            }
            if !client.isClosed { Self.write(bytes, to: client) }
        }
        close()
    }

    /// The command in RESP2.
    private static func encoded(_ command: StoreCommand) -> [UInt8] {
        var bytes = Array("*\(command.words.count)\r\n".utf8)
        for word in command.words { bytes += Array("$\(word.count)\r\n".utf8) + word + Array("\r\n".utf8) }
        return bytes
    }

    /// So few bytes always fit into the buffer while the peer reads.
    private static func write(_ bytes: [UInt8], to socket: Socket) {
        _ = try? bytes.withUnsafeBytes { try socket.write($0) }
    }

    /// The next bytes; nil at the end.
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
