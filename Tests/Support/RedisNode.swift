import FunctionEventLoop
public import FunctionRedis

/// One of several servers that belong together, with a client for the tests' commands.
public final class RedisNode: Sendable {
    public let server: RedisServer
    /// Its id in the cluster, 40 hexadecimal digits.
    public let id: String
    private let client: RedisClient
    private static let loop = Result {
        let loop = try EventLoop()
        loop.runOnNewThread()
        return loop
    }

    /// `password` is the server's, if its URL does not have it.
    init(_ server: RedisServer, id: String = "", password: String? = nil) throws {
        self.server = server
        self.id = id
        let url = RedisURL(
            server.url.endpoint,
            isEncrypted: server.url.isEncrypted,
            password: password ?? server.url.password
        )
        client = RedisClient(node: url, on: try Self.loop.get(), timeout: .seconds(10), tls: try server.tls)
    }

    deinit {
        let client = client
        _ = try? Self.loop.get().start { await client.close() }
    }

    /// A new id of the form that cluster nodes and sentinels use.
    static func newID() -> String {
        (0..<40).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }

    public var host: String {
        if case .tcp(let host, _) = server.url.endpoint { host } else { "" }
    }

    public var port: UInt16 {
        if case .tcp(_, let port) = server.url.endpoint { port } else { 0 }
    }

    /// Executes a command, which is repeated if there is no reply after five seconds.
    @discardableResult
    public func perform(_ name: StaticString, _ words: String...) async throws -> RedisReply {
        try await perform(name, words)
    }

    @discardableResult
    public func perform(_ name: StaticString, _ words: [String]) async throws -> RedisReply {
        var command = RedisCommand(name)
        for word in words { command.append(word) }
        return try await client.perform(command)
    }

    /// The value of a line `name:value` of the reply to INFO.
    public func info(_ name: String) async throws -> String {
        try await perform("INFO", "everything").value(of: name)
    }
}

extension RedisReply {
    /// Nil if the reply is not a text.
    var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    var elements: [RedisReply] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The value of a line `name:value`; empty if there is none.
    func value(of name: String) -> String {
        for line in (text ?? "").split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            return String(line.dropFirst(name.count + 1))
        }
        return ""
    }
}
