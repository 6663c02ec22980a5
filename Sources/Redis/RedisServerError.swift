/// An error that Redis itself answers.
public struct RedisServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole text, such as `OOM command not allowed when used memory > 'maxmemory'.`
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// The first word, which names the kind: `OOM`, `READONLY`, `WRONGPASS`; `ERR` where there is none better.
    public var code: Substring {
        description.prefix { $0 != " " }
    }

    /// Whether the server cannot serve anybody now, but is expected to before long: it loads its data, or it is a
    /// replica that has lost its master.
    public var isUnavailability: Bool {
        code == "LOADING" || code == "MASTERDOWN"
    }

    /// Whether it was given before anything was done. Other errors may come from the middle of a script.
    public var precedesExecution: Bool {
        switch code {
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "NOAUTH", "WRONGPASS", "NOPERM",
            "NOSCRIPT", "READONLY", "OOM", "NOREPLICAS", "MISCONF", "BUSY":
            true
        default: false
        }
    }
}
