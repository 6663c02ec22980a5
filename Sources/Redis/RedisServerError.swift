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

    /// Whether the server cannot serve now, but is expected to before long: it loads its data, it is a replica that has
    /// lost its master, or it has as many clients as it takes.
    public var isUnavailability: Bool {
        code == "LOADING" || code == "MASTERDOWN" || description.hasPrefix("ERR max number of clients")
    }

    /// Whether the server is a replica that lets nobody write. Redis before version 7 hides that in a script's error.
    var isReadOnly: Bool {
        code == "READONLY" || description.contains(": -READONLY ")
    }

    /// Whether it was given before anything was done. Other errors may come from the middle of a script.
    public var precedesExecution: Bool {
        switch code {
        // Nor does a script go on from its first write to another.
        case _ where isReadOnly: true
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "NOAUTH", "WRONGPASS", "NOPERM",
            "NOSCRIPT", "READONLY", "OOM", "NOREPLICAS", "MISCONF", "BUSY":
            true
        default: false
        }
    }

    /// The error without `password`, which a server that does not know AUTH repeats.
    func masking(_ password: String?) -> RedisServerError {
        guard let password, !password.isEmpty else { return self }
        let text = Array(description.utf8)
        let secret = Array(password.utf8)
        let isRepeated = text.indices.contains { text[$0...].starts(with: secret) }
        return isRepeated ? RedisServerError("\(code) (the rest of the answer repeats the password)") : self
    }
}
