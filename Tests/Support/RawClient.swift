import Foundation
public import FunctionEventLoop
import Glibc

/// A plain blocking socket, for tests that write and compare bytes. Nothing waits longer than ten seconds.
///
/// It blocks its own threads, not those that tasks share: blocking one of these could hold up the very task that the
/// test waits for.
public final class RawClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of this machine.
    public convenience init(port: UInt16) throws(SystemError) {
        try self.init(.loopback(port))
    }

    /// Connects to a unix socket.
    public convenience init(path: String) throws(SystemError) {
        guard let address = SocketAddress(path: path) else { throw SystemError("connect", ENAMETOOLONG) }
        try self.init(address)
    }

    private init(_ address: SocketAddress) throws(SystemError) {
        descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = address.withPointer { [descriptor] in connect(descriptor, $0, $1) }
        guard result == 0 else { throw SystemError("connect") }
    }

    deinit {
        close(descriptor)
    }

    /// Sends all of `text`.
    public func send(_ text: String) async throws(SystemError) {
        try await send(Array(text.utf8))
    }

    public func send(_ bytes: [UInt8]) async throws(SystemError) {
        try await blocking { () throws(SystemError) in try self.sendAll(bytes) }
    }

    /// Sends all of `text` before it returns, on the caller's thread.
    public func sendAtOnce(_ text: String) throws(SystemError) {
        try sendAll(Array(text.utf8))
    }

    private func sendAll(_ bytes: [UInt8]) throws(SystemError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SystemError("send") }
            sent += count
        }
    }

    /// Resets the connection, so that the server's next write fails.
    public func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Shuts down the sending side.
    public func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The next bytes; empty at the end of the connection. Throws if nothing arrives.
    public func receive(upTo count: Int = 65_536) async throws(SystemError) -> [UInt8] {
        try await blocking { () throws(SystemError) in try self.receiveAtOnce(upTo: count) }
    }

    /// The same on the caller's thread.
    public func receiveAtOnce(upTo count: Int = 65_536) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &buffer, count, 0)
        guard received >= 0 else { throw SystemError("recv") }
        return Array(buffer[..<received])
    }

    /// Everything until the server closes the connection.
    public func receiveAll() async throws(SystemError) -> String {
        try await receiveText(upTo: 65_536) { _ in false }
    }

    /// Everything up to and including `text`.
    public func receive(through text: String) async throws(SystemError) -> String {
        let end = Array(text.utf8)
        return try await receiveText(upTo: 1) { $0.suffix(end.count).elementsEqual(end) }
    }

    private func receiveText(
        upTo count: Int,
        until isComplete: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws(SystemError) -> String {
        try await blocking { () throws(SystemError) in
            var bytes: [UInt8] = []
            while !isComplete(bytes) {
                let next = try self.receiveAtOnce(upTo: count)
                guard !next.isEmpty else { break }
                bytes += next
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SystemError) -> Value
    ) async throws(SystemError) -> Value {
        let result: Result<Value, SystemError> = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(SystemError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
