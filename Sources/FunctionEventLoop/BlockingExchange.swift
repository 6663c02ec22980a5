import CFunctionLinux
import Glibc

/// Sends something and waits for an answer on the calling thread: for where no loop runs, or none runs on.
public enum BlockingExchange {
    /// Sends `bytes` to the host, and answers the first bytes that come back; each wait takes `limit` at most.
    public static func send(
        _ bytes: [UInt8],
        host: String,
        port: UInt16,
        limit: Interval
    ) throws(SystemError) -> [UInt8] {
        let descriptor = try connect(host, port, limit)
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count >= 0 || errno == EINTR else { throw SystemError("send") }
            rest = rest.dropFirst(max(0, count))
        }
        var answer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &answer, answer.count, 0)
            if count >= 0 { return Array(answer[..<count]) }
            guard errno == EINTR else { throw SystemError("recv") }
        }
    }

    /// Tries one address after the other.
    private static func connect(_ host: String, _ port: UInt16, _ limit: Interval) throws(SystemError) -> Int32 {
        var failure = SystemError("getaddrinfo", EHOSTUNREACH)
        var addresses = SocketAddress(ip: host, port: port).map { [$0] } ?? []
        if addresses.isEmpty, case .success(let found) = Resolver.lookUp(host) {
            addresses = found.map { $0.with(port: port) }
        }
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
            let error = SystemError("connect")
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
