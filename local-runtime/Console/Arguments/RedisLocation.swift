package import FunctionEventLoop
package import FunctionRedis
import FunctionRuntime
package import FunctionTLS
import StreamTokensWiring

/// Where a command finds its Redis server: the option `--redis`, standard input or `REDIS_URL`.
package struct RedisLocation: Sendable {
    /// The option `--redis`. `meaning` says what the server is for.
    package static func option(_ meaning: String) -> CommandSyntax.Option {
        .init(name: "--redis", value: "URL", summary: "\(meaning); - reads the URL from standard input")
    }

    /// The value of `--redis`.
    package let argument: String?

    package init(argument: String?) {
        self.argument = argument
    }

    /// A server's URL, parsed and as text. The text contains the password; it is for programs that this one starts.
    package struct Server: Sendable {
        package let url: RedisURL
        package let text: String
        /// Used if the URL asks for TLS.
        package var tls = TLSContext.system

        package init(url: RedisURL, text: String, tls: TLSContext = TLSContext.system) {
            self.url = url
            self.text = text
            self.tls = tls
        }

        package func client(
            on loop: EventLoop,
            timeout: Interval = .seconds(3),
            looksAtSettings: Bool = false,
            log: @escaping @Sendable (String) -> Void = { _ in }
        ) -> RedisClient {
            RedisClient(url, on: loop, timeout: timeout, looksAtSettings: looksAtSettings, tls: tls, log: log)
        }
    }

    /// Reads the URL, and the TLS settings from REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE.
    package func server(_ console: Console) throws(CommandFailure) -> Server {
        let (text, source) = try text(console)
        let tls = TLSContext(RedisTLSSettings.options(in: console.environment))
        let url: RedisURL
        do throws(RedisURLError) {
            url = try RedisURL(Settings.withoutBlanksAround(text))
        } catch {
            throw .usage("\(source) cannot be read as the URL of a Redis server: \(error); \(SecretShape(text))")
        }
        do throws(TLSError) {
            if url.isEncrypted { try tls.check() }
        } catch {
            throw .usage("TLS cannot be used, see REDIS_CA_FILE, REDIS_CERT_FILE and REDIS_KEY_FILE: \(error)")
        }
        return Server(url: url, text: text, tls: tls)
    }

    private func text(_ console: Console) throws(CommandFailure) -> (text: String, source: String) {
        switch argument {
        case "-":
            guard let line = console.readLine() else { throw .usage("there is no Redis URL on standard input") }
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
