import FunctionBytes

/// An error that Redis itself answers.
public struct RedisServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text, such as `OOM command not allowed when used memory > 'maxmemory'.`; at most 512 bytes, and without the
    /// command's arguments, which some errors repeat.
    public let description: String

    init(_ description: String) {
        self.init(bytes: description.utf8)
    }

    /// Reads an error as it came. A token may be among the arguments that `ERR unknown command` repeats.
    init(bytes: some Collection<UInt8>) {
        let text = Array(bytes.prefix(Self.longest))
        let end = text.indices.first { text[$0...].starts(with: Self.arguments) } ?? text.endIndex
        description = String(decoding: text[..<end], as: UTF8.self)
    }

    /// No error of Redis' own is as long; to compare and to log one is bounded by that.
    private static let longest = 512
    private static let arguments = Array(", with args beginning with".utf8)

    /// The first word, which names the kind: `OOM`, `READONLY`, `WRONGPASS`; `ERR` where there is none better.
    public var code: Substring {
        let end = description.utf8.firstIndex(of: UInt8(ascii: " "))
        return description[..<(end ?? description.endIndex)]
    }

    /// Whether the server cannot serve now, but is expected to before long: it loads its data, it is a replica that has
    /// lost its master, or it has as many clients as it takes.
    public var isUnavailability: Bool {
        code == "LOADING" || code == "MASTERDOWN" || description.hasPrefix(Self.tooManyClients)
    }

    private static let tooManyClients = "ERR max number of clients"

    /// Whether the server is a replica that lets nobody write. Redis before version 7 hides that in a script's error.
    var isReadOnly: Bool {
        code == "READONLY" || description.contains(": -READONLY ")
    }

    /// Whether the server has become a replica.
    var isDemotion: Bool {
        isReadOnly || code == "MASTERDOWN"
    }

    /// Whether another server may be meant by now: this one has become a replica, loads what another has, or is of a
    /// cluster. Nothing was executed.
    var isChangeOfServer: Bool {
        isDemotion || code == "LOADING" || isRedirection
    }

    /// Whether a server of a cluster sends the command elsewhere.
    var isRedirection: Bool {
        code == "MOVED" || code == "ASK"
    }

    static let adviceOnCluster = "the server is one of a cluster; write redis+cluster:// in place of redis://"

    /// Whether the command is forbidden, or not known, as PING to some users or behind some proxies.
    var isLackOfCommand: Bool {
        code == "NOPERM" || description.hasPrefix("ERR unknown command") || description.hasPrefix("ERR unsupported")
    }

    /// Whether EVALSHA is forbidden, or not known: then EVAL may be neither.
    var forbidsDigests: Bool {
        isLackOfCommand && description.lowercased().contains("evalsha")
    }

    /// Whether it was given before anything was done. Other errors may come from the middle of a script.
    public var precedesExecution: Bool {
        switch code {
        // Nor does a script go on from its first write to another.
        case _ where isReadOnly: true
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "NOAUTH", "WRONGPASS", "NOPERM",
            "NOSCRIPT", "READONLY", "OOM", "NOREPLICAS", "MISCONF", "BUSY", "DENIED":
            true
        default: false
        }
    }

    /// The code alone, with what to check: a server may repeat a password in its error to AUTH, and cut or change it.
    var withoutText: RedisServerError {
        if description.hasPrefix(Self.tooManyClients) { return RedisServerError("ERR max number of clients reached") }
        let isPlain = 1...24 ~= code.utf8.count && code.utf8.allSatisfy(\.isCapital)
        let advice =
            switch code {
            case "WRONGPASS":
                "user or password is wrong, or the user is off; / ? # @ & % in them have to be percent-encoded"
            case "DENIED": "Redis is in protected mode: it has no password, so it takes local connections only"
            case "LOADING": "Redis is loading its data"
            case "MASTERDOWN": "Redis is a replica that has lost its master"
            default:
                "the server did not take the user and password of its URL; it may know none: try without, or without user"
            }
        return RedisServerError("\(isPlain ? code : "ERR") (\(advice))")
    }
}
