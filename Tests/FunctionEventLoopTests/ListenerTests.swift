import Foundation
import FunctionEventLoop
import Support
import Testing

@Suite("A listener")
struct ListenerTests {
    @Test("that ignores new connections before it closes resets no established one")
    func closes() async throws {
        for _ in 0..<(LongRun.isOn ? 60 : 10) {
            let reset = try await onLoop { loop in
                let address = SocketAddress.loopback(0)
                let listener = try Listener(address, on: loop) { $0.close() }
                let port = try #require(listener.address.port)
                async let clients = withTaskGroup { group in
                    for _ in 0..<8 { group.addTask { await resets(of: port) } }
                    return await group.reduce(0, +)
                }
                await loop.sleep(until: loop.now + .milliseconds(5))
                listener.ignoreNewConnections()
                // Ample, because a busy machine may be late.
                await loop.sleep(until: loop.now + .milliseconds(50))
                listener.close()
                return await clients
            }
            #expect(reset == 0)
        }
    }
}

/// Connects and waits for the server to close, again and again until nobody listens. Returns how many established
/// connections were reset.
private func resets(of port: UInt16) async -> Int {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            var count = 0
            while let client = try? RawClient(port: port) {
                if (try? client.receiveAtOnce()) == nil { count += 1 }
            }
            continuation.resume(returning: count)
        }
    }
}
