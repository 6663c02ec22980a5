import Glibc
import Support
import Testing

@testable import FunctionEventLoop

@Suite("Connecting to one of several addresses") struct ConnectorTests {
    /// An address whose queue is full. Like one that drops packets, it neither accepts a connection nor refuses it.
    private final class Silent {
        let address: SocketAddress
        private var descriptors: [Int32] = []

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            descriptors = [listener]
            let any = SocketAddress.loopback(0)
            guard any.withPointer({ bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0 else {
                throw SystemError("listen")
            }
            address = try SocketAddress(ofSocket: listener)
            for _ in 0..<4 {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                descriptors.append(client)
                _ = address.withPointer { connect(client, $0, $1) }
            }
        }

        deinit {
            for each in descriptors { close(each) }
        }
    }

    @Test("an address that does not respond does not block the next, and leaks no descriptor")
    func deadFirst() async throws {
        let silent = try Silent()
        let address = silent.address
        try await onLoop { loop in
            let listener = try Listener(.loopback(0), on: loop) { $0.close() }
            defer { listener.close() }
            let start = Instant.now
            let connector = Connector([address, listener.address], on: loop, limit: .seconds(30))
            let (socket, winner) = try await connector.connect()
            #expect(winner == listener.address)
            #expect(Instant.now - start >= .milliseconds(250))
            socket.close()
            #expect(connector.sockets.isEmpty)
        }
        withExtendedLifetime(silent) {}
    }

    @Test("if an address refuses, the next is tried at once, and the error names both if all fail")
    func refused() async throws {
        try await onLoop { loop in
            let listener = try Listener(.loopback(0), on: loop) { $0.close() }
            let gone = listener.address
            listener.close()
            do throws(Connector.Failure) {
                let (socket, _) = try await Connector([gone, gone], on: loop, limit: .seconds(30)).connect()
                socket.close()
                Issue.record("connected to nobody")
            } catch {
                let cause = "\(gone): Connection refused"
                #expect(error.description == "connect: \(cause); \(cause)")
            }
        }
    }

    @Test("each address has its own timeout")
    func limit() async throws {
        let silent = try Silent()
        let address = silent.address
        _ = try await onLoop { loop in
            await #expect(throws: Connector.Failure.self) {
                let connector = Connector([address], on: loop, limit: .milliseconds(50))
                let (socket, _) = try await connector.connect()
                socket.close()
            }
        }
        withExtendedLifetime(silent) {}
    }

    @Test("a cancelled connector ends at once, before it begins and while it runs", arguments: [true, false])
    func cancelled(before: Bool) async throws {
        let silent = try Silent()
        let address = silent.address
        try await onLoop { loop in
            let connector = Connector([address], on: loop, limit: .seconds(600))
            if before { connector.cancel() } else { loop.start { connector.cancel() } }
            do throws(Connector.Failure) {
                let (socket, _) = try await connector.connect()
                socket.close()
                Issue.record("connected")
            } catch {
                #expect(error.isCancelled)
            }
        }
        withExtendedLifetime(silent) {}
    }
}
