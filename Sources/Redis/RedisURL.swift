/// Where a Redis server is, and as whom to talk to it.
///
///     redis://[[user]:password@]host[:port][/database]
///     unix://[[user]:password@]/path/to/socket[?db=database]      also redis+unix://
///
/// User, password and path may be percent-encoded, and must be where they hold `/`, `?`, `#`, `@` or `%`. An IPv6 address
/// stands in brackets. The description masks the password, so that a URL may be logged.
public struct RedisURL: Hashable, Sendable {
    /// What is connected to.
    public enum Endpoint: Hashable, Sendable {
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    public let endpoint: Endpoint
    /// The ACL user; nil stands for Redis' `default`.
    public let user: String?
    /// Nil where the server asks for none.
    public let password: String?
    /// The database that SELECT is given; 0 is where every connection starts.
    public let database: Int

    public init(_ endpoint: Endpoint, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
    }

    /// The port that Redis listens on unless told otherwise.
    public static let defaultPort: UInt16 = 6379
}

extension RedisURL: CustomStringConvertible {
    /// The URL with `***` for the password.
    public var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        switch endpoint {
        case .tcp(let host, let port):
            let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
            return "redis://\(credentials)\(host):\(port)" + (database == 0 ? "" : "/\(database)")
        case .unix(let path):
            return "unix://\(credentials)\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }
}
