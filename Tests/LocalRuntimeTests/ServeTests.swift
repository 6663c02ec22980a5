import FunctionEventLoop
import FunctionRuntime
import Glibc
import StreamTokens
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures

@Suite("Serve")
struct ServeTests {
    private let silent = LogSink(descriptor: -1)

    @Test("the demo key mints in memory, and the health paths are served beside the functions")
    func memory() async throws {
        try await serving { (port, secret) async throws in
            let minted = try await ask(port, "/api/v1/token?ttl=90", key: secret)
            #expect(minted.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(minted.hasSuffix(#"","ttl":90}"#))
            #expect(try await ask(port, "/api/v1/token").hasPrefix("HTTP/1.1 401 "))
            #expect(try await ask(port, "/health/liveness").hasPrefix("HTTP/1.1 200 "))
            #expect(try await ask(port, "/health/readiness").hasPrefix("HTTP/1.1 200 "))
            #expect(try await ask(port, "/nowhere").contains(#""code":"not_found""#))
        }
    }

    @Test("the limit of a key counts over all loops")
    func sharedStore() async throws {
        // The connections spread over both loops; only the first request is within the limit, whichever loop serves it.
        try await serving(rate: RateLimit(limit: 1, seconds: 3600)) { (port, secret) async throws in
            var statuses: [Substring] = []
            for _ in 0..<8 { statuses.append(try await ask(port, "/api/v1/token", key: secret).dropFirst(9).prefix(3)) }
            #expect(statuses == ["200"] + Array(repeating: "429", count: 7))
        }
    }

    @Test("with a Redis URL tokens are kept in Redis")
    func redis() async throws {
        let redis = try RedisServer()
        try await serving(redis: redis) { (port, secret) async throws in
            #expect(try await ask(port, "/api/v1/token", key: secret).hasPrefix("HTTP/1.1 200 OK\r\n"))
            let list = CapturedConsole(environment: ["REDIS_URL": "\(redis.url)"])
            try await expect(list.run(["orgs", "list"]), is: .success)
            #expect(list.output.hasPrefix("demo\t"))
        }
    }

    @Test("the functions' settings come from the environment, but not HOST and PORT")
    func settings() async throws {
        try await serving(environment: ["TOKEN_TTL_POLICY": "clamp", "PORT": "x"]) { (port, secret) async throws in
            #expect(try await ask(port, "/api/v1/token?ttl=999", key: secret).hasSuffix(#"","ttl":300}"#))
        }
    }

    @Test("invalid settings are reported all at once")
    func wrongSettings() async throws {
        let store = LocalStore()
        let environment = ["TOKEN_TTL_POLICY": "loose", "LOG_LEVEL": "loud"]
        let failure = #expect(throws: CommandFailure.self) {
            try LocalServer(store, host: "127.0.0.1", port: 0, environment: environment, sink: silent)
        }
        #expect(failure?.exitCode == .commandLine)
        #expect(failure?.message.contains("TOKEN_TTL_POLICY") == true)
        #expect(failure?.message.contains("LOG_LEVEL") == true)
    }

    @Test("a blank list of origins is refused and does not allow every page")
    func blankOrigins() async throws {
        let failure = #expect(throws: CommandFailure.self) {
            let environment = ["ALLOWED_ORIGINS": " \n"]
            _ = try LocalServer(LocalStore(), host: "127.0.0.1", port: 0, environment: environment, sink: silent)
        }
        #expect(failure?.message.contains("ALLOWED_ORIGINS names no origin") == true)
    }

    @Test("values of platforms and blanks of files in settings are ignored, and logged")
    func notes() async throws {
        let (input, output) = try Spawn.makePipe()
        defer {
            close(input)
            close(output)
        }
        let server = try LocalServer(
            LocalStore(),
            host: "127.0.0.1",
            port: 0,
            environment: ["METRICS_PORT": "tcp://10.0.0.1:9100", "LOG_LEVEL": "error\n"],
            sink: LogSink(descriptor: output)
        )
        try server.start()
        await server.stop()
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(input, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        #expect(text.contains("METRICS_PORT is ") && text.contains("LOG_LEVEL has blanks"))
    }

    @Test("the error for a port in use says what to do")
    func portInUse() async throws {
        try await serving { (port, _) async throws in
            let captured = CapturedConsole(environment: ["LOOPS": "2"])
            try await expect(captured.run(["serve", "--port", "\(port)"]), is: .couldNotRun)
            #expect(captured.messages.contains("port \(port): port in use"))
            #expect(captured.messages.contains("0 picks a free one"))
            #expect(captured.output == "")
        }
    }

    @Test("an unreachable Redis is an error before anything is served")
    func noRedis() async throws {
        let captured = CapturedConsole()
        try await expect(
            captured.run(["serve", "--port=0", "--redis", "unix:///nowhere/redis.sock"]),
            is: .couldNotRun
        )
        #expect(captured.messages.contains("unix:///nowhere/redis.sock: Redis: unavailable"))
        #expect(captured.output == "")
    }

    @Test(
        "invalid addresses, ports and hosts are refused",
        arguments: [
            ["--host", "example"], ["--port", "65536"], ["--port", ""], ["here"], ["--demo=yes"],
            ["--allow-host", ""], ["--allow-host", "example.org:80"], ["--allow-host", "http://example.org"],
            ["--allow-host", "[::1"],
        ]
    )
    func wrongAddress(words: [String]) async throws {
        try await expect(CapturedConsole().run(["serve"] + words), is: .commandLine)
    }

    @Test(
        "the greeting names an address that can be connected to",
        arguments: [
            ("0.0.0.0", "127.0.0.1:80"), ("::", "[::1]:80"), ("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"),
        ]
    )
    func greeting(host: String, reachable: String) throws {
        let address = try #require(SocketAddress(ip: host, port: 80))
        let text = Greeting(address: address, store: "in memory", secret: "sk_x").text
        #expect(text.hasPrefix("Serving on http://\(reachable) with tokens in memory."))
        #expect(text.hasSuffix("\nThe page that tries both steps: http://\(reachable)/\n"))
        #expect(
            text.contains(
                """
                export API_KEY=sk_x
                curl -fsS --globoff -H "Authorization: Bearer $API_KEY" 'http://\(reachable)/api/v1/token?ttl=60'

                """
            )
        )
        #expect(!Greeting(address: address, store: "in memory", secret: nil).text.contains("curl"))
        #expect(!text.contains("/metrics"))
        let measured = Greeting(address: address, store: "in memory", secret: nil, metrics: address).text
        #expect(measured.contains("\nMetrics for Prometheus: http://\(reachable)/metrics\n"))
    }

    @Test("the greeting quotes the folder of a recording for a shell")
    func recording() throws {
        let address = try #require(SocketAddress(ip: "127.0.0.1", port: 80))
        for (folder, name, word) in [
            ("recorded/1", "recorded/1", "recorded/1"), ("-r", "-r", "./-r"), ("~", "'~'", "'~'"),
            ("my $(reboot)'s", #"'my $(reboot)'\''s'"#, #"'my $(reboot)'\''s'"#),
            ("a\nreboot", #"'a\nreboot'"#, #""$(printf 'a\012reboot')""#),
        ] {
            let greeting = Greeting(address: address, store: "in memory", secret: nil, recording: folder)
            let line = "Recording calls as fixtures in \(name). To replay them: local-runtime replay \(word)"
            #expect(greeting.text.contains("\n\(line)\n"))
        }
    }

    @Test("at an address of the network the greeting says what the page needs")
    func greetingWithoutPage() throws {
        let address = try #require(SocketAddress(ip: "192.0.2.1", port: 80))
        let host = try #require(HostName("192.0.2.1"))
        var greeting = Greeting(address: address, store: "in memory", secret: nil)
        #expect(greeting.text.contains("only with --allow-host 192.0.2.1."))
        let other = try #require(SocketAddress(ip: "2001:db8::1", port: 80))
        let bracketed = Greeting(address: other, store: "in memory", secret: nil).text
        #expect(bracketed.contains("only with --allow-host '[2001:db8::1]'."))
        greeting.pageAccess = PageAccess(allowing: [host])
        #expect(greeting.text.contains("The page that tries both steps: http://192.0.2.1:80/\n"))
    }
}
