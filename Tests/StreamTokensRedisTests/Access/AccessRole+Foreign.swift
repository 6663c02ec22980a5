import StreamTokens

extension AccessRole {
    typealias Words = (name: StaticString, arguments: [String])

    /// Commands that no role may execute.
    static let foreignToAll: [Words] = [
        ("FLUSHALL", []), ("FLUSHDB", []), ("KEYS", ["*"]), ("CONFIG", ["GET", "*"]), ("CONFIG", ["SET", "save", ""]),
        ("ACL", ["LIST"]), ("ACL", ["SETUSER", "token", "+@all"]), ("DEBUG", ["SLEEP", "0"]), ("SHUTDOWN", ["NOSAVE"]),
        ("SCRIPT", ["FLUSH"]), ("FUNCTION", ["FLUSH"]), ("MONITOR", []), ("CLIENT", ["KILL", "TYPE", "normal"]),
        ("REPLICAOF", ["NO", "ONE"]), ("CLUSTER", ["RESET"]), ("SUBSCRIBE", ["anything"]),
        ("PUBLISH", ["anything", ""]),
        ("MIGRATE", ["127.0.0.1", "1", "st:orgs", "0", "1"]), ("DUMP", ["st:orgs"]), ("RENAME", ["st:orgs", "mine"]),
        ("GET", ["another:application"]), ("SET", ["another:application", ""]),
        // A script may do only what its caller may.
        ("EVAL", ["return redis.call('FLUSHALL')", "0"]),
        ("EVAL", ["return redis.call('GET', 'another:application')", "0"]),
        ("EVAL", ["return redis.call('GET', KEYS[1])", "1", "another:application"]),
    ]

    /// Commands of the other roles.
    func foreign(of tenant: AccessTenant) -> [Words] {
        func name(_ rest: String) -> String { "st:{\(tenant.tag)}:\(rest)" }
        let organizations: [Words] = [
            ("HGETALL", ["st:orgs"]), ("EVAL", ["return redis.call('HMGET', 'st:orgs', 'a')", "0"]),
            ("HMGET", ["st:orgs", "a"]), ("SCAN", ["0"]), ("HGETALL", [name("org")]),
            ("HDEL", [name("org"), "credits"]),
            ("UNLINK", [name("org")]), ("SET", [name("call:a"), ""]),
        ]
        switch self {
        case .token:
            return organizations + [
                ("ZREM", [name("open"), "a"]), ("GET", [name("held")]), ("HINCRBY", [name("org"), "credits", "1"]),
                ("DEL", [name("org")]), ("EVAL", ["return redis.call('SET', KEYS[1], '')", "1", name("open")]),
            ]
        case .stream, .admit:
            return organizations + [
                ("HMGET", [name("key:\(tenant.key.digest)"), "limit"]), ("HSET", [name("org"), "credits", "5"]),
                ("EVAL", ["return redis.call('HGET', KEYS[1], 'limit')", "1", name("key:\(tenant.key.digest)")]),
            ]
        case .admin:
            return [("DEL", [name("org")]), ("ZADD", [name("open"), "1", "a"]), ("PEXPIRE", [name("org"), "1"])]
        }
    }
}
