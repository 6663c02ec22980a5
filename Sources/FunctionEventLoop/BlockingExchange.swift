import CFunctionLinux
import Glibc

/// Sends bytes and waits for a response on the calling thread: for use before a loop runs, or while it is stuck.
public enum BlockingExchange {
    private static let maxResponse = 4096

    /// Sends `bytes` to the host and returns the first bytes that come back. Each wait lasts at most `limit`.
    public static func send(
        _ bytes: [UInt8],
        host: String,
        port: UInt16,
        limit: Interval
    ) throws(SystemError) -> [UInt8] {
        var addresses = SocketAddress(ip: host, port: port).map { [$0] } ?? []
        if addresses.isEmpty, case .success(let found) = Resolver.lookUp(host) {
            addresses = found.map { $0.with(port: port) }
        }
        let descriptor = try connect(to: addresses, limit)
        defer { close(descriptor) }
        try send(bytes, over: descriptor)
        return try receive(over: descriptor)
    }

    /// Sends `bytes` to the first address that accepts a connection, and returns what comes back until the peer closes or
    /// 4096 bytes have come. `limit` applies to each connection attempt, and once more to the exchange.
    public static func exchange(
        _ bytes: [UInt8],
        with addresses: [SocketAddress],
        limit: Interval
    ) throws(SystemError) -> [UInt8] {
        let descriptor = try connect(to: addresses, limit)
        defer { close(descriptor) }
        let deadline = Instant.now + limit
        try send(bytes, over: descriptor)
        var response: [UInt8] = []
        while response.count < maxResponse {
            let piece = try receive(over: descriptor)
            guard !piece.isEmpty else { break }
            response += piece
            guard Instant.now < deadline else { throw SystemError("recv", ETIMEDOUT) }
        }
        return response
    }

    private static func send(_ bytes: [UInt8], over descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 || errno == EINTR else { throw SystemError("send") }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Waits for bytes and returns them; empty at the end.
    private static func receive(over descriptor: Int32) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: maxResponse)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer[..<count]) }
            guard errno == EINTR else { throw SystemError("recv", errno == EAGAIN ? ETIMEDOUT : errno) }
        }
    }

    /// Tries one address after the other.
    private static func connect(to addresses: [SocketAddress], _ limit: Interval) throws(SystemError) -> Int32 {
        var failure = SystemError("getaddrinfo", EHOSTUNREACH)
        for address in addresses {
            do throws(SystemError) {
                return try connect(to: address, limit)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private static func connect(to address: SocketAddress, _ limit: Interval) throws(SystemError) -> Int32 {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var time = timeval(tv_sec: Int(limit.nanoseconds / 1_000_000_000), tv_usec: 0)
        time.tv_usec = Int(limit.nanoseconds % 1_000_000_000 / 1000)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            // EINPROGRESS means that the timeout SO_SNDTIMEO has passed.
            let error = SystemError("connect", errno == EINPROGRESS ? ETIMEDOUT : errno)
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
