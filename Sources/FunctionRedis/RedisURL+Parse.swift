import FunctionBytes
import FunctionTLS

extension RedisURL {
    /// Reads a URL (RFC 3986, with the scheme that IANA lists for Redis, and `unix`). Valkey's schemes mean the same.
    public init(_ text: String) throws(RedisURLError) {
        let (scheme, rest) = text[...].halved(at: ":")
        guard let rest, rest.utf8.starts(with: "//".utf8), scheme.utf8.allSatisfy(ASCIISet.scheme.contains) else {
            throw .missingScheme
        }
        guard !rest.utf8.contains(UInt8(ascii: "#")) else { throw .fragment }
        let servers = rest.dropFirst(2)
        var name = scheme.lowercased()
        if name.hasPrefix("valkey") { name = "redis" + name.dropFirst("valkey".count) }
        let isEncrypted = name.hasPrefix("rediss")
        switch name {
        case "redis", "rediss": try self.init(.server, servers, isEncrypted)
        case "redis+cluster", "rediss+cluster": try self.init(.cluster, servers, isEncrypted)
        case "redis+sentinel", "rediss+sentinel": try self.init(.sentinel, servers, isEncrypted)
        case "unix", "redis+unix": try self.init(unix: servers)
        default: throw .unknownScheme(scheme.lowercased())
        }
        guard TLSContext.isBuilt || !isEncrypted else { throw .encrypted }
    }

    private enum Form {
        case server
        case cluster
        case sentinel
    }

    private init(_ form: Form, _ text: Substring, _ isEncrypted: Bool) throws(RedisURLError) {
        var parts = try Self.parts(text, defaultPort: form == .sentinel ? Self.defaultSentinelPort : Self.defaultPort)
        let topology: Topology
        switch form {
        case .server:
            guard parts.endpoints.count == 1 else { throw .severalHosts }
            topology = .server
        case .cluster: topology = .cluster
        case .sentinel:
            let (name, path) = (parts.path ?? "").halved(at: "/")
            let master = try Self.decoded(name)
            // Sentinel itself accepts (sentinel.c) the characters of hostnames.
            guard !master.isEmpty, master.utf8.allSatisfy(ASCIISet.hostName.contains) else { throw .missingMaster }
            topology = .sentinel(master: master)
            parts.path = path
        }
        let options = try Options(parts.options, areOfSentinels: form == .sentinel)
        guard options.sentinelUser == nil || options.sentinelPassword != nil else { throw .userWithoutPassword }
        let database = try Self.database(parts.path, options)
        guard form != .cluster || database == 0 else { throw .databaseOfCluster }
        self.init(
            topology,
            parts.endpoints,
            isEncrypted: isEncrypted,
            user: parts.user,
            password: parts.password,
            database: database,
            sentinelUser: options.sentinelUser,
            sentinelPassword: options.sentinelPassword
        )
    }

    /// The options behind the `?`.
    private struct Options {
        var database: Substring?
        var sentinelUser: String?
        var sentinelPassword: String?

        init(_ text: Substring?, areOfSentinels: Bool = false) throws(RedisURLError) {
            for option in text?.parted(at: "&") ?? [] {
                let (name, value) = option.halved(at: "=")
                // No option's name has other than ASCII characters, and comparing those is expensive.
                guard name.utf8.allSatisfy({ $0 < 0x80 }) else { throw .unknownOption }
                switch (name, value) {
                case ("db", let value?) where database == nil: database = value
                case ("sentinel_user", let value?) where areOfSentinels && sentinelUser == nil:
                    sentinelUser = try decoded(value)
                case ("sentinel_password", let value?) where areOfSentinels && sentinelPassword == nil:
                    sentinelPassword = try decoded(value)
                default: throw .unknownOption
                }
            }
            // An empty password may come from a variable that is not set.
            if sentinelUser == nil, sentinelPassword == "" { sentinelPassword = nil }
        }
    }

    private typealias Parts = (
        endpoints: [Endpoint], user: String?, password: String?, path: Substring?, options: Substring?
    )

    private static func parts(_ text: Substring, defaultPort: UInt16) throws(RedisURLError) -> Parts {
        let (location, options) = text.halved(at: "?")
        let (authority, path) = location.halved(at: "/")
        let (user, password, addresses) = try credentials(authority)
        var endpoints: [Endpoint] = []
        for address in addresses.parted(at: ",") {
            let place = try Authority(address, or: RedisURLError.self)
            endpoints.append(.tcp(host: place.host, port: place.port ?? defaultPort))
        }
        return (endpoints, user, password, path, options)
    }

    private init(unix text: Substring) throws(RedisURLError) {
        let (location, query) = text.halved(at: "?")
        let slash = location.utf8.firstIndex(of: UInt8(ascii: "/")) ?? location.endIndex
        let (user, password, host) = try Self.credentials(location[..<slash])
        let path = try Self.decoded(location[slash...])
        guard host.isEmpty, !path.isEmpty else { throw .relativePath }
        let database = try Self.database(nil, Options(query))
        self.init(.unix(path: path), user: user, password: password, database: database)
    }

    /// Splits at the last `@`, so that a password with an unencoded `@` still comes out right. An empty password
    /// without a user counts as none: it may come from a variable that is not set.
    private static func credentials(
        _ authority: Substring
    ) throws(RedisURLError) -> (user: String?, password: String?, address: Substring) {
        guard let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) else { return (nil, nil, authority) }
        let (user, password) = authority[..<at].halved(at: ":")
        guard let password else { throw .userWithoutPassword }
        let address = Substring(authority.utf8[at...].dropFirst())
        if user.isEmpty && password.isEmpty { return (nil, nil, address) }
        return (user.isEmpty ? nil : try decoded(user), try decoded(password), address)
    }

    /// The number in the path or in the options; if both have one, it must be the same.
    private static func database(_ path: Substring?, _ options: Options) throws(RedisURLError) -> Int {
        let path = path.flatMap { $0.isEmpty ? nil : $0 }
        guard let option = options.database else { return try path.map(database) ?? 0 }
        let number = try database(option)
        guard try path.map(database) ?? number == number else { throw .contradictoryDatabase }
        return number
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let number = Int32(text) else { throw .malformedDatabase }
        return Int(number)
    }

    private static func decoded(_ text: Substring) throws(RedisURLError) -> String {
        guard PercentEncoding.isWhole(text.utf8),
            let decoded = String(validating: PercentEncoding.decode(text.utf8), as: UTF8.self)
        else { throw .malformedPercentEncoding }
        return decoded
    }

    /// Whether the byte occurs in hostnames or in IPv4 or IPv6 addresses.
    static func isAddressByte(_ byte: UInt8) -> Bool {
        ASCIISet.hostName.contains(byte) || ASCIISet.address.contains(byte)
    }
}

/// These work on bytes: comparing a Character that is a letter with n accents takes time in n².
extension Substring {
    /// The text before the first `separator`, and the text behind it; nil if there is none.
    fileprivate func halved(at separator: Unicode.Scalar) -> (Substring, Substring?) {
        guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return (self, nil) }
        return (self[..<index], Substring(utf8[index...].dropFirst()))
    }

    /// The texts between the separators, empty ones too.
    fileprivate func parted(at separator: Unicode.Scalar) -> [Substring] {
        utf8.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false).map(Substring.init)
    }
}

/// Why a text is not the URL of a Redis server. The description says what to write instead, and never repeats a part
/// that may hold a password.
public enum RedisURLError: Error, Hashable, Sendable, CustomStringConvertible {
    case missingScheme
    case unknownScheme(String)
    /// `rediss://` in a build without TLS.
    case encrypted
    case missingHost
    /// More than one host for a single server.
    case severalHosts
    /// No name of a primary behind the sentinels, or one that Sentinel does not accept.
    case missingMaster
    case databaseOfCluster
    case malformedHost
    case malformedPort
    case malformedDatabase
    /// One database in the path and another in `?db=`.
    case contradictoryDatabase
    case malformedPercentEncoding
    case userWithoutPassword
    case relativePath
    case unknownOption
    case fragment

    public var description: String {
        switch self {
        case .missingScheme: "it has no scheme; \(Self.forms)"
        case .unknownScheme(let scheme): "its scheme is \(scheme); \(Self.forms)"
        case .encrypted:
            "rediss:// asks for TLS, and this build has none; \(TLSError.howToBuild), or use redis:// on a network that you trust"
        case .missingHost: "it names no host; write redis://host:port"
        case .severalHosts:
            "it names several hosts; write redis+cluster://host:port,… or redis+sentinel://host:port,…/master for those"
        case .missingMaster:
            "it names no master, or one that Sentinel does not accept; write redis+sentinel://host:port,…/master"
        case .databaseOfCluster: "it names a database; a cluster has only number 0"
        case .malformedHost: "its host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "its port is not a number from 1 to 65535"
        case .malformedDatabase: "its database is not a whole number; write redis://host:port/0 or unix:///path?db=0"
        case .contradictoryDatabase: "it names two databases; write either /N or ?db=N"
        case .malformedPercentEncoding: "a % in it is not followed by two hexadecimal digits; write %25 for a % itself"
        case .userWithoutPassword:
            "it has a user but no password; write redis://user:password@host (sentinel_user and sentinel_password for "
                + "sentinels), or leave both out"
        case .relativePath: "its path does not start with /; write unix:///path, with three slashes"
        case .unknownOption:
            "it has an unknown option, or one twice; the options are db=N and, with redis+sentinel://, "
                + "sentinel_user=… and sentinel_password=…"
        case .fragment: "it contains a #; write %23 where the password has one"
        }
    }
    private static let forms = "write redis://host:port, redis+cluster://, redis+sentinel:// or unix:///path"
}

extension RedisURLError: AuthorityError {}
