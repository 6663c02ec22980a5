import EventLoop
import Foundation
import Support
import Testing

@Suite("A listener")
struct ListenerTests {
    @Test("that stops handshakes before it closes resets no connection that was made")
    func closes() async throws {
        for _ in 0..<(LongRun.isOn ? 60 : 10) {
            let reset = try await onLoop { loop in
                let address = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
                let listener = try Listener(address, on: loop) { $0.close() }
                let port = try #require(listener.address.port)
                async let clients = withTaskGroup { group in
                    for _ in 0..<8 { group.addTask { await resets(of: port) } }
                    return await group.reduce(0, +)
                }
                await loop.sleep(until: loop.now + .milliseconds(5))
                listener.stopHandshakes()
                // Ample, for what a busy machine does late.
                await loop.sleep(until: loop.now + .milliseconds(50))
                listener.close()
                return await clients
            }
            #expect(reset == 0)
        }
    }
}

/// Connects, and waits for the server's close, again and again until nobody listens any more; answers how often a
/// connection was made and then reset.
private func resets(of port: UInt16) async -> Int {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var count = 0
            while true {
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                defer { close(descriptor) }
                let result = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                guard result == 0 else { break }
                var patience = timeval(tv_sec: 10, tv_usec: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
                var byte: UInt8 = 0
                if recv(descriptor, &byte, 1, 0) < 0 { count += 1 }
            }
            continuation.resume(returning: count)
        }
    }
}
