import FunctionEventLoop
import Glibc

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
///
/// It is not one of those that the system assigns to clients: while the port's server is away, a client that tries to
/// connect could be assigned that very port and be connected to itself (RFC 9293, section 3.5). No socket that an
/// earlier test left behind is connected to it either: a test that checks that all are closed would find that one. And
/// each port is returned only once, because its server may take a while to listen, or be away for a time.
package enum FreePort {
    private static let range: ClosedRange<UInt16> = 10_000...32_767
    /// Starts with a random port, because other processes may look for ports too.
    private static let last = Lock(UInt16.random(in: range))

    package static func find() throws -> UInt16 {
        for _ in range {
            let port = last.withLock { last in
                last = last == range.upperBound ? range.lowerBound : last + 1
                return last
            }
            if isFree(port), openSockets(port: port) == [] { return port }
        }
        throw RedisServer.Failure(description: "no free port")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        return SocketAddress.loopback(port).withPointer { bind(descriptor, $0, $1) } == 0
    }
}
