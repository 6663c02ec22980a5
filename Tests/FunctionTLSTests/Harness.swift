#if TLS
import FunctionEventLoop
import Support
import FunctionTLS
import Testing

/// Runs `body` on a new loop and stops the loop afterwards.
@discardableResult
func onLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Result) async throws -> Result {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    return try await Task(executorPreference: loop) { try await body(loop) }.value
}

/// Runs `body` on a loop, with an echo server behind TLS. Checks that no descriptor to it stays open.
func withEcho(
    _ options: TLSFront.Options = TLSFront.Options(),
    _ body: @escaping @Sendable (EventLoop, _ port: UInt16) async throws -> Void
) async throws {
    try await onLoop { loop in
        let listener = try Listener(.loopback(0), on: loop) { socket in
            loop.start { await echo(socket) }
        }
        defer { listener.close() }
        let front = try TLSFront(to: listener.address.port ?? 0, options)
        try await body(loop, front.port)
        #expect(openSockets(port: front.port) == [], "a descriptor stays open")
    }
}

private func echo(_ socket: Socket) async {
    defer { socket.close() }
    while true {
        let count: Int
        do {
            guard let size = try socket.read(into: socket.loop.scratch) else {
                guard await socket.readable() == .ready else { return }
                continue
            }
            count = size
        } catch {
            return
        }
        guard count > 0 else { return }
        let bytes = Array(socket.loop.scratch[..<count])
        guard (try? await socket.writeAll(bytes)) != nil else { return }
    }
}

extension Socket {
    /// Connects to 127.0.0.1 and performs the handshake.
    static func connectTLS(
        _ port: UInt16,
        on loop: EventLoop,
        name: String = "localhost",
        _ context: TLSContext? = nil,
        within limit: Interval = .seconds(30)
    ) async throws -> Socket {
        let context = try context ?? .ofTests()
        let address = SocketAddress.loopback(port)
        let socket = try await Socket.connect(to: address, on: loop, until: .now + .seconds(30))
        try await socket.startTLS(context, serverName: name, until: .now + limit)
        return socket
    }

    func writeAll(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            if let count = try write(rest.span) {
                rest = rest.dropFirst(count)
            } else {
                try await require(writable(until: .now + .seconds(30)), is: .ready)
            }
        }
    }

    /// Reads `count` bytes, or fewer at the end.
    func read(_ count: Int = .max) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<min(count - bytes.count, 65_536)])
            guard let size = try read(into: buffer) else {
                try await require(readable(until: .now + .seconds(30)), is: .ready)
                continue
            }
            guard size > 0 else { break }
            bytes += buffer[..<size]
        }
        return bytes
    }
}
#endif
