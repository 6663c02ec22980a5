import FunctionEventLoop
import Glibc

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
///
/// It is none of those that the system gives to clients: while the server that it is for is away, a client that knocks
/// could else be given the port itself, and be connected to itself (RFC 9293, section 3.5). Nor is it one that a socket
/// which an earlier test left behind was connected to: whoever looks whether all are closed would find that. And it is
/// given once: whom it is for may take a while to listen, or be away for a time.
package enum FreePort {
    private static let range: ClosedRange<UInt16> = 10_000...32_767
    /// From a random one on, as other processes may look for ports as well.
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
