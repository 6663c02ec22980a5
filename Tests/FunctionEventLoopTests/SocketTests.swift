import Foundation
import FunctionEventLoop
import Support
import Testing

@Suite("A socket")
struct SocketTests {
    @Test("carries a megabyte to a slow reader and back, intact", arguments: ["tcp", "unix"])
    func carries(kind: String) async throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let received = try await onLoop { loop in
            let address = try #require(kind == "unix" ? SocketAddress(path: path) : .loopback(0))
            let listener = try Listener(address, on: loop) { socket in loop.start { await echo(socket) } }
            defer { listener.close() }
            let socket = try await Socket.connect(to: listener.address, on: loop, until: loop.now + .seconds(10))
            defer { socket.close() }
            let sent = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            async let writing: Void = write(sent, to: socket)
            let received = try await read(sent.count, from: socket)
            try await writing
            return received == sent
        }
        #expect(received)
    }

    @Test("is refused if nobody listens")
    func refused() async throws {
        try await onLoop { loop in
            let listener = try Listener(.loopback(0), on: loop) { $0.close() }
            let address = listener.address
            listener.close()
            await #expect(throws: SystemError("connect", ECONNREFUSED)) {
                try await Socket.connect(to: address, on: loop, until: loop.now + .seconds(10))
            }
        }
    }

    @Test("stops waiting at its deadline, on an interruption, and when it is closed")
    func wakes() async throws {
        try await onLoop { loop in
            let listener = try Listener(.loopback(0), on: loop) { _ in }
            defer { listener.close() }
            let socket = try await Socket.connect(to: listener.address, on: loop, until: loop.now + .seconds(10))
            await expect(socket.readable(until: loop.now + .milliseconds(2)), is: .timedOut)
            loop.start { socket.interrupt() }
            await expect(socket.readable(until: loop.now + .seconds(10)), is: .interrupted)
            loop.start { socket.close() }
            await expect(socket.readable(), is: .interrupted)
            await expect(socket.readable(), is: .interrupted)
        }
    }

    @Test("address on which another socket listens is reported as in use")
    func inUse() async throws {
        try await onLoop { loop in
            let address = SocketAddress.loopback(0)
            let listener = try Listener(address, sharesPort: true, on: loop) { $0.close() }
            defer { listener.close() }
            #expect(throws: SystemError("bind", EADDRINUSE)) { try Listener.probe(listener.address) }
        }
    }

    @Test("that connects while the listener is paused is accepted when it resumes")
    func pauses() async throws {
        try await onLoop { loop in
            let accepted = Lock(0)
            let address = SocketAddress.loopback(0)
            let listener = try Listener(address, on: loop) { socket in
                accepted.withLock { $0 += 1 }
                socket.close()
            }
            listener.pause()
            let socket = try await Socket.connect(to: listener.address, on: loop, until: loop.now + .seconds(10))
            #expect(accepted.withLock { $0 } == 0)
            listener.resume()
            #expect(accepted.withLock { $0 } == 1)
            await expect(socket.readable(until: loop.now + .seconds(10)), is: .ready)
            try expect(socket.read(into: loop.scratch), is: 0)
            listener.close()
            socket.close()
        }
    }

    @Test(
        "address has the description of its literal",
        arguments: [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("localhost", nil), ("", nil), ("1.2.3", nil)]
    )
    func addresses(text: String, description: String?) {
        #expect(SocketAddress(ip: text, port: 80)?.description == description)
    }

    @Test("path over 107 bytes is not an address")
    func paths() {
        #expect(SocketAddress(path: String(repeating: "x", count: 107))?.description.utf8.count == 112)
        #expect(SocketAddress(path: String(repeating: "x", count: 108)) == nil)
        #expect(SocketAddress(path: "") == nil)
    }

    @Test("name is resolved off the loop, and one that does not exist throws")
    func resolves() async throws {
        try await onLoop { loop in
            let addresses = try await Resolver.resolve("localhost", port: 6379, on: loop)
            #expect(loop.isCurrent)
            #expect(addresses.contains { $0.port == 6379 })
            await #expect(throws: Resolver.Failure.self) {
                try await Resolver.resolve("no such name", port: 1, on: loop)
            }
        }
    }
}

private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appending(path: "socket-\(UUID().uuidString.prefix(8))").path
}

private func echo(_ socket: Socket) async {
    defer { socket.close() }
    while await socket.readable() == .ready {
        guard let count = try? socket.read(into: socket.loop.scratch) else { continue }
        guard count > 0 else { return }
        guard (try? await write(Array(socket.loop.scratch[..<count]), to: socket)) != nil else { return }
    }
}

private func write(_ bytes: [UInt8], to socket: Socket) async throws {
    var written = 0
    while written < bytes.count {
        if let count = try socket.write(bytes.span.extracting(written...)) {
            written += count
        } else {
            await expect(socket.writable(), is: .ready)
        }
    }
}

private func read(_ count: Int, from socket: Socket) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
        if let read = try socket.read(into: socket.loop.scratch) {
            guard read > 0 else { break }
            bytes += socket.loop.scratch[..<read]
        } else {
            await expect(socket.readable(), is: .ready)
        }
    }
    return bytes
}
