import FunctionBytes
public import FunctionCore

/// A request that a client sends.
public struct ClientRequest: Sendable {
    public let method: Method
    /// Path and query as they stand on the wire.
    public let target: String
    /// Sent as they are, but for those that are the client's own: Host, and what frames the message.
    public let headers: Headers
    public let body: [UInt8]

    /// Nil if `target` is not in origin form (RFC 9112, section 3.2.1), or the method is CONNECT.
    public init?(_ method: Method, _ target: String, headers: Headers = Headers(), body: [UInt8] = []) {
        let bytes = target.utf8
        guard bytes.first == .slash, bytes.allSatisfy(ASCIISet.query.contains), method.name != "CONNECT" else {
            return nil
        }
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The whole of it as it stands on the wire, for who sends it without a client.
    public func bytes(to origin: Origin) -> [UInt8] {
        var encoder = RequestEncoder()
        encoder.encode(self, to: origin)
        return encoder.buffer.withSpan { Array($0) } + body.dropFirst(RequestEncoder.smallBody)
    }
}

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

    /// What the Host field says: `example.com`, `[::1]:8080`. A name's dot at its end is for resolvers alone: virtual hosts
    /// are known without it, as they are to TLS (RFC 6066, section 3).
    public var description: String {
        let name = host.utf8.last == UInt8(ascii: ".") ? String(host.dropLast()) : host
        let host = host.utf8.contains(.colon) ? "[\(host)]" : name
        return port == Self.defaultPort(isSecure: isSecure) ? host : "\(host):\(port)"
    }
}
