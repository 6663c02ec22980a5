/// Where a server is (RFC 9110, section 4.3.1), without TLS.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: UInt16
    /// The unix socket that is connected to, whatever the host is called.
    public let socketPath: String?

    public init(host: String, port: UInt16 = Origin.defaultPort, socketPath: String? = nil) {
        self.host = host
        self.port = port
        self.socketPath = socketPath
    }

    /// The port of `http` URLs that name none.
    public static let defaultPort: UInt16 = 80

    /// What the Host field says: `example.com`, `[::1]:8080`
    public var description: String {
        let host = host.utf8.contains(.colon) ? "[\(host)]" : host
        return port == Self.defaultPort ? host : "\(host):\(port)"
    }
}
