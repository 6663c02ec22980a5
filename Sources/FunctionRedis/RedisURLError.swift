import FunctionBytes
import FunctionTLS

/// Why a text is no URL of a Redis server. The description says what to write instead, and never repeats what may hold
/// a password.
public enum RedisURLError: Error, Hashable, Sendable, CustomStringConvertible {
    case missingScheme
    case unknownScheme(String)
    /// `rediss://`, which this build does not speak.
    case encrypted
    case missingHost
    /// More than one, for one server.
    case severalHosts
    /// No name of a master behind the sentinels, or none that Sentinel takes.
    case missingMaster
    case databaseOfCluster
    case malformedHost
    case malformedPort
    case malformedDatabase
    /// One in the path and another in `?db=`.
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
            "it names no master, or one that Sentinel does not take; write redis+sentinel://host:port,…/master"
        case .databaseOfCluster: "it names a database; a cluster has only number 0"
        case .malformedHost: "its host is malformed; write a name, an IPv4 address, or an IPv6 address in brackets"
        case .malformedPort: "its port is no number from 1 to 65535"
        case .malformedDatabase: "its database is no whole number; write redis://host:port/0 or unix:///path?db=0"
        case .contradictoryDatabase: "it names two databases; write either /N or ?db=N"
        case .malformedPercentEncoding: "a % in it is not followed by two hexadecimal digits; write %25 for a % itself"
        case .userWithoutPassword:
            "it has a user but no password; write redis://user:password@host (sentinel_user and sentinel_password for "
                + "sentinels), or leave both out"
        case .relativePath: "its path does not start with /; write unix:///path, with three slashes"
        case .unknownOption:
            "it has an option that is not known, or has it twice; there are db=N, and with redis+sentinel:// also "
                + "sentinel_user=… and sentinel_password=…"
        case .fragment: "it holds a #; write %23 where the password has one"
        }
    }
    private static let forms = "write redis://host:port, redis+cluster://, redis+sentinel:// or unix:///path"
}

extension RedisURLError: AuthorityError {}
