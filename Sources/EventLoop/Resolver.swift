internal import CLinux
import Glibc

/// Turns host names into addresses.
public enum Resolver {
    /// A name that has no address.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let host: String
        /// What getaddrinfo(3) says.
        public let reason: String

        public var description: String { "\(host): \(reason)" }
    }

    /// The addresses of `host`, best first. Numeric ones are answered at once; for a name a thread waits, as
    /// getaddrinfo(3) blocks and would stall every connection of the loop.
    public static func resolve(_ host: String, port: UInt16) async throws(Failure) -> [SocketAddress] {
        if let address = SocketAddress(ip: host, port: port) { return [address] }
        // Resumed exactly once, by the thread that is started here.
        let result: Result<[SocketAddress], Failure> = await withUnsafeContinuation { continuation in
            Thread.start { continuation.resume(returning: lookUp(host, port: port)) }
        }
        return try result.get()
    }

    static func lookUp(_ host: String, port: UInt16) -> Result<[SocketAddress], Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return .failure(Failure(host: host, reason: String(cString: gai_strerror(code)))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr.flatMap({ SocketAddress($0) }) { addresses.append(address) }
            entry = info.ai_next
        }
        return .success(addresses)
    }
}
