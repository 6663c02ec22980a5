import FunctionBytes

/// An error reply of Redis.
public struct RedisServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text, such as `OOM command not allowed when used memory > 'maxmemory'.`; at most 512 bytes, and without the
    /// command's arguments, which some errors repeat.
    public let description: String

    init(_ description: String) {
        self.init(bytes: description.utf8)
    }

    /// Reads an error as received. `ERR unknown command` repeats the arguments, which may include a token.
    init(bytes: some Collection<UInt8>) {
        let text = Array(bytes.prefix(Self.maxLength))
        let end = text.indices.first { text[$0...].starts(with: Self.arguments) } ?? text.endIndex
        description = String(decoding: text[..<end], as: UTF8.self)
    }

    /// Redis' own errors are shorter. The limit bounds the cost of comparing and logging an error.
    private static let maxLength = 512
    private static let arguments = Array(", with args beginning with".utf8)

    /// The first word, which names the kind: `OOM`, `READONLY`, `WRONGPASS`; `ERR` if there is none more specific.
    public var code: Substring {
        let end = description.utf8.firstIndex(of: UInt8(ascii: " "))
        return description[..<(end ?? description.endIndex)]
    }

    /// Whether the server cannot serve now but is expected to soon: it is loading its data, it is a replica that has
    /// lost its primary, or it has reached its limit of clients.
    public var isUnavailability: Bool {
        code == "LOADING" || code == "MASTERDOWN" || description.hasPrefix(Self.tooManyClients)
    }

    private static let tooManyClients = "ERR max number of clients"

    /// Whether the server is a replica that rejects writes. Redis before version 7 hides that in a script's error.
    var isReadOnly: Bool {
        code == "READONLY" || description.contains(": -READONLY ")
    }

    /// Whether the server has become a replica.
    var isDemotion: Bool {
        isReadOnly || code == "MASTERDOWN"
    }

    /// Whether another server may be the right one by now: this one has become a replica, is loading the data of
    /// another, or belongs to a cluster. Nothing was executed.
    var isChangeOfServer: Bool {
        isDemotion || code == "LOADING" || isRedirection
    }

    /// Whether a cluster node sends the command to another server.
    var isRedirection: Bool {
        code == "MOVED" || code == "ASK"
    }

    static let adviceOnCluster = "the server belongs to a cluster; write redis+cluster:// instead of redis://"

    /// Whether the command is forbidden or unknown, as PING is to some users or behind some proxies.
    var isLackOfCommand: Bool {
        code == "NOPERM" || description.hasPrefix("ERR unknown command") || description.hasPrefix("ERR unsupported")
    }

    /// Whether EVALSHA is forbidden or unknown; EVAL may still be allowed.
    var forbidsDigests: Bool {
        isLackOfCommand && description.lowercased().contains("evalsha")
    }

    /// Whether the error came before anything was executed. Other errors may come from the middle of a script.
    public var precedesExecution: Bool {
        switch code {
        // A script fails at its first write, so it has written nothing.
        case _ where isReadOnly: true
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "NOAUTH", "WRONGPASS", "NOPERM",
            "NOSCRIPT", "READONLY", "OOM", "NOREPLICAS", "MISCONF", "BUSY", "DENIED":
            true
        default: false
        }
    }

    /// The code alone, with advice: in its error to AUTH, a server may repeat the password, even shortened or changed.
    var withoutText: RedisServerError {
        if description.hasPrefix(Self.tooManyClients) { return RedisServerError("ERR max number of clients reached") }
        let isPlain = 1...24 ~= code.utf8.count && code.utf8.allSatisfy(\.isCapital)
        let advice =
            switch code {
            case "WRONGPASS":
                "user or password is wrong, or the user is off; / ? # @ & % in them must be percent-encoded"
            case "DENIED": "Redis is in protected mode: it has no password, so it takes local connections only"
            case "LOADING": "Redis is loading its data"
            case "MASTERDOWN": "Redis is a replica that has lost its primary"
            default:
                "the server did not accept the user and password in its URL; try without both, or without the user"
            }
        return RedisServerError("\(isPlain ? code : "ERR") (\(advice))")
    }
}
