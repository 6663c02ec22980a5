import FunctionCore
import FunctionEventLoop
import FunctionRedis
import FunctionTesting
import Glibc
import LocalRuntimeConsole
import LocalRuntimeFixtures
import StreamTokensRedis

/// The Redis that functions in other processes see: its clock stands at the fixture's time, and it fails as the fixture
/// says. Everything else goes to a real server.
final class RedisGate: @unchecked Sendable {
    // Unchecked: it is touched on the loop's thread alone.

    /// What the gate does.
    struct Plan: Sendable {
        let client: RedisClient
        /// The time in milliseconds since 1970.
        let now: @Sendable () -> Int
        let faults: Faults
    }

    private let plan: Plan
    private let loop: EventLoop
    private let folder: SocketFolder
    private var listener: Listener?
    private var sockets: [ObjectIdentifier: Socket] = [:]
    /// The command whose reply was lost; a repetition gets no reply either.
    private var lost: StoreCommand?
    private let kill: @Sendable () -> Void
    private var isKilled = false

    /// Listens in a folder that only this user can enter.
    init(_ plan: Plan, on loop: EventLoop, kill: @escaping @Sendable () -> Void) throws {
        self.plan = plan
        self.loop = loop
        self.kill = kill
        folder = try SocketFolder("redis-gate")
        guard let address = SocketAddress(path: folder.path(of: Self.socket)) else {
            throw SystemError("bind", ENAMETOOLONG)
        }
        listener = try Listener(address, on: loop) { [weak self] socket in self?.serve(socket) }
    }

    /// The value for REDIS_URL.
    var url: String { "unix://\(folder.path(of: Self.socket))" }
    private static let socket = "redis.sock"

    func close() {
        listener?.close()
        listener = nil
        for socket in sockets.values { socket.close() }
        folder.remove()
    }

    private func serve(_ socket: Socket) {
        sockets[ObjectIdentifier(socket)] = socket
        loop.start { [self] in
            await exchangeCommands(with: socket)
            socket.close()
            sockets[ObjectIdentifier(socket)] = nil
        }
    }

    private func exchangeCommands(with socket: Socket) async {
        var reader = ReplyReader()
        while let bytes = await Self.receive(from: socket) {
            bytes.withUnsafeBytes { reader.feed($0) }
            // A client's commands are arrays of strings, as replies can be.
            while case .array(let words)? = try? reader.next() {
                let command = StoreCommand(words.map { if case .string(let bytes) = $0 { bytes } else { [] } })
                guard let reply = await reply(to: command) else {
                    // No reply follows; wait until the client gives up.
                    while await Self.receive(from: socket) != nil {}
                    return
                }
                // A reply is so small that it fits into the socket's buffer, since the client reads each one.
                _ = try? reply.withUnsafeBytes { try socket.write($0) }
            }
        }
    }

    /// The reply to a command; nil if it never gets one.
    private func reply(to command: StoreCommand) async -> [UInt8]? {
        // A repetition could be executed after the function's next command.
        guard !isKilled, lost.map(command.repeats) != true else { return nil }
        let operation = command.named
        if case .slow(let span)? = plan.faults.store, command.isOperation {
            await loop.sleep(until: .now + .milliseconds(span.milliseconds))
        }
        guard let passed = command.passed(at: plan.now()) else { return Array("+OK\r\n".utf8) }
        let reply: [UInt8]
        do throws(RedisError) {
            reply = try await plan.client.perform(passed).encoded
        } catch {
            guard case .refused(let refusal) = error.reason else { return nil }
            return Array("-\(refusal)\r\n".utf8)
        }
        if let operation, plan.faults.killed == operation {
            isKilled = true
            kill()
            return nil
        }
        if case .lost(operation)? = plan.faults.store, lost == nil {
            lost = command
            return nil
        }
        return reply
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

extension RedisReply {
    /// The form on the wire (RESP2).
    fileprivate var encoded: [UInt8] {
        switch self {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .status(let text): Array("+\(text)\r\n".utf8)
        case .string(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(\.encoded)
        case .error(let error): Array("-\(error)\r\n".utf8)
        }
    }
}
