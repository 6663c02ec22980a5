import Glibc

/// A TCP port of 127.0.0.1 that nobody listened on a moment ago.
///
/// It is none of those that the system gives to clients: while the server that it is for is away, a client that knocks
/// could else be given the port itself, and be connected to itself (RFC 9293, section 3.5). Nor is it one that a socket
/// which an earlier test left behind was connected to: whoever looks whether all are closed would find that.
package enum FreePort {
    package static func find() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 10_000..<32_768)
            if isFree(port), openSockets(port: port) == [] { return port }
        }
        throw RedisServer.Failure(description: "no free port")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
