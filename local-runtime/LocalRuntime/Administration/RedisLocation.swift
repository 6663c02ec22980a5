import Redis

/// Where the Redis server is that a command works on.
struct RedisLocation: Sendable {
    static let option = CommandSyntax.Option(
        name: "--redis",
        value: "URL",
        summary: "The Redis server; - reads the URL from standard input. Else REDIS_URL says it"
    )

    /// What was given on the command line.
    let argument: String?

    /// A server's URL, and as it was written: for other programs, and with its password.
    struct Server: Sendable {
        let url: RedisURL
        let text: String
    }

    /// Reads the URL from the argument, from standard input, or from REDIS_URL.
    func url(_ console: Console) throws(CommandFailure) -> RedisURL {
        try server(console).url
    }

    func server(_ console: Console) throws(CommandFailure) -> Server {
        let (text, source) = try text(console)
        do throws(RedisURLError) {
            return Server(url: try RedisURL(text), text: text)
        } catch {
            throw .usage("\(source) cannot be read as the URL of a Redis server: \(error)")
        }
    }

    private func text(_ console: Console) throws(CommandFailure) -> (text: String, source: String) {
        switch argument {
        case "-":
            guard let line = console.readLine() else { throw .usage("no Redis URL came on standard input") }
            return (line, "standard input")
        case let argument?:
            return (argument, "--redis")
        case nil:
            guard let text = console.environment["REDIS_URL"], !text.isEmpty else {
                throw .usage("no Redis server: set REDIS_URL, such as redis://127.0.0.1:6379, or give --redis URL")
            }
            return (text, "REDIS_URL")
        }
    }
}
