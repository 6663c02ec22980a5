import Foundation
import FunctionEventLoop
import Glibc

/// A server that plays a script on each connection, for tests of clients. It uses blocking sockets on its own threads.
///
/// No step takes longer than thirty seconds. The connection is closed at the end of its script.
public final class ScriptedServer: Sendable {
    public enum Step: Sendable {
        /// Reads a request with all its content, by Content-Length or in chunks, as received.
        case request
        /// Reads a request's head, and the content that arrives with it.
        case head
        case send([UInt8])
        /// Sends one byte per packet.
        case bytewise(String)
        /// Waits until the test opens the gate.
        case pause(Gate)
        /// Waits, like a slow server.
        case wait(milliseconds: Int)
        /// Opens the gate: the script has come this far.
        case open(Gate)
        /// Waits until the client has closed the connection, then opens the gate.
        case untilClosed(Gate)
        /// Resets the connection.
        case reset

        /// Sends a text.
        public static func text(_ text: String) -> Step {
            .send(Array(text.utf8))
        }
    }

    public let port: UInt16
    private let listener: Int32
    private let script: @Sendable (Int) -> [Step]
    private let state = Lock(State())

    struct State {
        var requests: [String] = []
        var connections = 0
        var sent = 0
        var isBlocked = false
        var open: Set<Int32> = []
        var isStopped = false
    }

    /// Listens on a free port of this machine; `script` returns the steps of each connection, counted from 1.
    private init(_ script: @escaping @Sendable (_ connection: Int) -> [Step]) throws {
        self.script = script
        port = try FreePort.find()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let bound = SocketAddress.loopback(port).withPointer { [listener] in bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 64) == 0 else { throw SystemError("listen") }
    }

    /// Serves while `body` runs; makes no assertions.
    @discardableResult
    public static func run<Result>(
        _ script: @escaping @Sendable (_ connection: Int) -> [Step],
        _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = try ScriptedServer(script)
        Thread.detachNewThread { server.acceptAll() }
        defer { server.stop() }
        return try await body(server)
    }

    /// The requests so far, as received.
    public var requests: [String] { state.withLock { $0.requests } }
    /// How many connections were accepted.
    public var connectionCount: Int { state.withLock { $0.connections } }
    /// How many bytes the kernel has accepted for sending.
    public var bytesSent: Int { state.withLock { $0.sent } }
    /// Whether a connection waits for its client to read.
    public var isBlocked: Bool { state.withLock { $0.isBlocked } }

    private func stop() {
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        // Wakes the accepting thread.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll() {
        defer { close(listener) }
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let number = state.withLock { state in
                state.connections += 1
                state.open.insert(descriptor)
                if state.isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
                return state.connections
            }
            Thread.detachNewThread { self.serve(descriptor, number) }
        }
    }

    private func serve(_ descriptor: Int32, _ number: Int) {
        var connection = ScriptedConnection(descriptor)
        for step in script(number) {
            guard connection.play(step, state) else { break }
        }
        // A closed descriptor must not be shut down: it may belong to something else by then.
        _ = state.withLock { $0.open.remove(descriptor) }
        close(descriptor)
    }
}
