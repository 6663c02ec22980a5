import FunctionBytes
public import FunctionCore

/// A request that a client sends.
public struct ClientRequest: Sendable {
    public let method: Method
    /// Path and query as they appear on the wire.
    public let target: String
    /// Sent unchanged, except fields that the client controls: Host, and those of the framing and the connection.
    public let headers: Headers
    public let body: [UInt8]
    /// What the field Host says instead of the server's address: for a request as if it had come through a proxy.
    package var host: Headers.Value?

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

    /// The whole request as it appears on the wire, for sending it without a ``Client``.
    public func bytes(to origin: Origin) -> [UInt8] {
        var encoder = RequestEncoder()
        encoder.encode(self, to: origin)
        return encoder.buffer.withSpan { Array($0) } + body.dropFirst(RequestEncoder.smallBody)
    }
}

/// The address of a server, and whether to use TLS (RFC 9110, section 4.3.1).
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// `https`
    public let isSecure: Bool
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    public let port: UInt16
    /// A unix socket to connect to. The host and the port are then only used in the Host field.
    public let socketPath: String?

    /// Without a port it is 80, or 443 with TLS.
    public init(host: String, port: UInt16? = nil, socketPath: String? = nil, isSecure: Bool = false) {
        self.isSecure = isSecure
        self.host = host
        self.port = port ?? Self.defaultPort(isSecure: isSecure)
        self.socketPath = socketPath
    }

    private static func defaultPort(isSecure: Bool) -> UInt16 {
        isSecure ? 443 : 80
    }

    /// The value of the Host field: `example.com`, `[::1]:8080`. A dot at the end of a name is only for resolvers;
    /// virtual hosts are named without it, as in TLS (RFC 6066, section 3).
    public var description: String {
        let name = host.utf8.last == UInt8(ascii: ".") ? String(host.dropLast()) : host
        let host = host.utf8.contains(.colon) ? "[\(host)]" : name
        return port == Self.defaultPort(isSecure: isSecure) ? host : "\(host):\(port)"
    }
}
