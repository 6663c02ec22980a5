/// Where a server is, and whether it is spoken to by TLS (RFC 9110, section 4.3.1).
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// `https`
    public let isSecure: Bool
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: UInt16
    /// The unix socket that is connected to, whatever the host is called.
    public let socketPath: String?

    /// Without a port, it is that of URLs that name none.
    public init(host: String, port: UInt16? = nil, socketPath: String? = nil, isSecure: Bool = false) {
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? Self.defaultPort(isSecure: isSecure)
        self.socketPath = socketPath
    }

    private static func defaultPort(isSecure: Bool) -> UInt16 {
        isSecure ? 443 : 80
    }

    /// What the Host field says: `example.com`, `[::1]:8080`
    public var description: String {
        let host = host.utf8.contains(.colon) ? "[\(host)]" : host
        return port == Self.defaultPort(isSecure: isSecure) ? host : "\(host):\(port)"
    }
}
