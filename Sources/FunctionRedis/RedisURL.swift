/// Where Redis is, which topology it has, and as which user to log in.
///
///     redis://[[user]:password@]host[:port][/database]                       one server; also ?db=database
///     unix://[[user]:password@]/path/to/socket[?db=database]                 one server; also redis+unix://
///     redis+cluster://[[user]:password@]host[:port][,host[:port]…]           any nodes of a Redis Cluster
///     redis+sentinel://[[user]:password@]host[:port][,…]/master[/database]   the sentinels of a primary
///
/// `?sentinel_password=…` and `&sentinel_user=…` are for sentinels that have a password of their own; the user and
/// password before the hosts are for the primary.
///
/// `rediss` instead of `redis` asks for TLS; `valkey` and `valkeys` mean the same. User, password and path may be
/// percent-encoded, and must be if they contain `/`, `?`, `#`, `@`, `&` or `%`. An IPv6 address is written in brackets.
/// The description masks the passwords, so that a URL may be logged.
public struct RedisURL: Hashable, Sendable, CustomStringConvertible {
    /// An address to connect to.
    public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
        case tcp(host: String, port: UInt16)
        case unix(path: String)

        public var description: String {
            switch self {
            case .tcp(let host, let port): "\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)"
            case .unix(let path): path
            }
        }
    }

    /// How the servers belong together.
    public enum Topology: Hashable, Sendable {
        case server
        /// The endpoints are any of the nodes, which report the others.
        case cluster
        /// The endpoints are sentinels, which report the primary's address; `master` is its name.
        case sentinel(master: String)
    }

    public let topology: Topology
    /// Where to connect first: the server itself, nodes of the cluster, or sentinels. Never empty.
    public let endpoints: [Endpoint]
    /// Whether to use TLS.
    public let isEncrypted: Bool
    /// The ACL user; nil stands for Redis' `default`.
    public let user: String?
    /// Nil if the server needs none.
    public let password: String?
    /// The same two for the sentinels.
    public let sentinelUser: String?
    public let sentinelPassword: String?
    /// The database to SELECT. 0 is the default of a connection, and the only one of a cluster.
    public let database: Int

    /// One server.
    public init(
        _ endpoint: Endpoint,
        isEncrypted: Bool = false,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0
    ) {
        self.init(.server, [endpoint], isEncrypted: isEncrypted, user: user, password: password, database: database)
    }

    /// Servers that belong together; `endpoints` must not be empty.
    public init(
        _ topology: Topology,
        _ endpoints: [Endpoint],
        isEncrypted: Bool = false,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        sentinelUser: String? = nil,
        sentinelPassword: String? = nil
    ) {
        precondition(!endpoints.isEmpty, "endpoints must not be empty")
        self.topology = topology
        self.endpoints = endpoints
        self.isEncrypted = isEncrypted
        self.user = user
        self.password = password
        self.database = database
        self.sentinelUser = sentinelUser
        self.sentinelPassword = sentinelPassword
    }

    /// The port that Redis listens on unless told otherwise.
    public static let defaultPort: UInt16 = 6379
    /// The port that Redis Sentinel listens on unless told otherwise.
    public static let defaultSentinelPort: UInt16 = 26379

    /// The first of the endpoints; the only one of a server.
    public var endpoint: Endpoint { endpoints[0] }

    /// The URL of one of the servers, with the same user, password and TLS.
    func node(_ endpoint: Endpoint) -> RedisURL {
        RedisURL(endpoint, isEncrypted: isEncrypted, user: user, password: password, database: database)
    }

    /// The URL of one of the sentinels.
    func sentinel(_ endpoint: Endpoint) -> RedisURL {
        RedisURL(endpoint, isEncrypted: isEncrypted, user: sentinelUser, password: sentinelPassword)
    }

    /// The URL with `***` for each password.
    public var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        if case .unix(let path) = endpoint {
            return "unix://\(credentials)\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
        let scheme = isEncrypted ? "rediss" : "redis"
        let places = endpoints.map(\.description).joined(separator: ",")
        let path = database == 0 ? "" : "/\(database)"
        return switch topology {
        case .server: "\(scheme)://\(credentials)\(places)\(path)"
        case .cluster: "\(scheme)+cluster://\(credentials)\(places)"
        case .sentinel(let master): "\(scheme)+sentinel://\(credentials)\(places)/\(master)\(path)\(sentinelOptions)"
        }
    }

    private var sentinelOptions: String {
        guard sentinelPassword != nil else { return "" }
        return "?" + (sentinelUser.map { "sentinel_user=\($0)&" } ?? "") + "sentinel_password=***"
    }
}
