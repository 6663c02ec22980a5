/// Advice on a store's error, for the user of a command.
enum StoreMend {
    /// Parts of errors, each with its advice. The first that fits counts.
    private static let mends = [
        ("NOAUTH", "give user and password in the URL: redis://user:password@host:port"),
        // The error itself says what to check.
        ("WRONGPASS", ""), ("NOPERM", "this user lacks a right; functions/deploy/redis has those of an administrator"),
        ("READONLY", "this is a replica: name its primary, or write redis+sentinel:// or redis+cluster://"),
        ("refused", "start Redis there, or name another server by --redis URL or REDIS_URL"),
        ("No such file", "start Redis there, or name another server by --redis URL or REDIS_URL"),
        ("in time", "check that Redis is there, and that this machine can reach it"),
        ("unavailable", "check the server that --redis URL or REDIS_URL names"),
    ]

    /// `; start Redis there…`, or nothing.
    static func text(for error: String) -> String {
        guard let mend = mends.first(where: { error.contains($0.0) })?.1, !mend.isEmpty else { return "" }
        return "; \(mend)"
    }
}
