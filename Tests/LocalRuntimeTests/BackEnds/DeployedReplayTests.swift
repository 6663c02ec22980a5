import Foundation
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionTLS
import LocalRuntimeConsole
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("Replay against deployed functions")
struct DeployedReplayTests {
    private static func text(_ text: String) -> ScriptedServer.Step {
        .text(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
    }

    private static let empty = text("HTTP/1.1 204 No Content\nConnection: close\n\n")

    @Test(
        "with the deployment's Redis, the given state is created there and removed afterwards",
        arguments: [false, true]
    )
    func redis(isNamed: Bool) async throws {
        var files = ReplayRun.scenario(
            ReplayRun.organizations,
            #"{"name":"mint","event":{"path":"/api/v1/token","headers":{"authorization":"Bearer \#(ReplayRun.key)"}},"#
                + #""expect":{"status":200,"body":{"success":true}}}"#,
            #"{"event":{"method":"POST","path":"/api/v1/run/echo/stream","query":"token=${mint.body.token}","#
                + #""body":"{\"text\":\"hi there\"}"},"expect":{"status":200,"body":"hi there","#
                + #""store":{"organizations":{"acme":{"credits":4,"open":0}}}},"again":{"status":401}}"#
        )
        if isNamed {
            let given = "{\(ReplayRun.organizations)}"
            files["givens.json"] = #"{"five":\#(given)}"#
            files["s.scenario.json"] = files["s.scenario.json"]?.replacingOccurrences(of: given, with: #""five""#)
        }
        let redis = try RedisServer()
        try await serving(redis: redis, isDemo: false) { [files] port, _ in
            let run = try await ReplayRun(files, ["--url", "http://127.0.0.1:\(port)/", "--redis", "\(redis.url)"])
            #expect(run.code == .success, "\(run.output)")
            #expect(run.output == "ok      s (url)\n\n1 passed, 0 failed\n")
        }
        let organizations = CapturedConsole()
        try await expect(organizations.run(["orgs", "list", "--redis", "\(redis.url)"]), is: .success)
        #expect(!organizations.output.contains("acme"))
    }

    @Test("a fixture that cannot hold there is skipped with the reason")
    func notCarried() async throws {
        let step = #"{"event":{"path":"/none"},"expect":{"status":404}}"#
        try await serving { port, _ in
            for (given, step, reason) in [
                (
                    ReplayRun.organizations, step,
                    "the organizations must be created in the deployment's Redis: --redis URL"
                ),
                (#""workflow":{}"#, step, "the deployment has its own workflows"),
                (#""settings":{"TOKEN_TTL_POLICY":"clamp"}"#, step, "the deployment has its own settings"),
                (#""store":"down""#, step, "the deployment's store is not down"),
                ("", #"{"advance":"1s"}"#, "time cannot be moved there"),
                ("", ReplayRun.mint(#""faults":{"deadline":"1s"}"#), "faults cannot be caused in the deployment"),
                ("", #"{"event":{"path":"/"},"expect":{"store":{}}}"#, "the deployment's store cannot be read"),
            ] {
                let run = try await ReplayRun(ReplayRun.scenario(given, step), ["--url", "http://127.0.0.1:\(port)"])
                #expect(run.code == .success)
                #expect(run.output.contains("skip    s (url)  not carried: \(reason)"), "\(run.output)")
            }
            let run = try await ReplayRun(ReplayRun.scenario("", step), ["--url", "http://127.0.0.1:\(port)"])
            #expect(run.output == "ok      s (url)\n\n1 passed, 0 failed\n")
        }
    }

    @Test(
        "a fixture that depends on the exact time is skipped",
        arguments: [
            (#""age":57"#, #""used":0"#, "", "a token that is about to expire"),
            (#""age":0"#, #""used":9"#, "", "requests that were made just now"),
            (
                #""age":0"#, #""used":0"#, #","again":{"status":200,"headers":{"x-ratelimit-remaining":"8"}}"#,
                "a limit's window may pass"
            ),
        ]
    )
    func realTime(token: String, key: String, members: String, reason: String) async throws {
        let redis = try RedisServer()
        let run = try await ReplayRun(
            ReplayRun.scenario(
                #""organizations":[{"name":"acme","keys":[{"secret":"\#(ReplayRun.key)",\#(key)}],"#
                    + #""tokens":[{"token":"\#(ReplayRun.token)",\#(token)}]}]"#,
                ReplayRun.mint(#""expect":{"status":200}\#(members)"#)
            ),
            ["--url", "http://127.0.0.1:1", "--redis", "\(redis.url)"]
        )
        #expect(run.output.contains("skip    s (url)  not carried: \(reason)"), "\(run.output)")
    }

    @Test("target, fields and body are sent as written")
    func request() async throws {
        let event =
            #"{"method":"PATCH","path":"/a%2Fb//c%41","query":"x=%7e&y=+%20;&&=","#
            + #""headers":{"host":"other.example","x-a":"b  c","authorization":"Bearer x","cookie":"a=b"},"body":"{}"}"#
        try await ScriptedServer.run { _ in
            [.request, Self.empty]
        } _: { server in
            let run = try await ReplayRun(
                ["a.json": event, "a.expect.json": #"{"status":204,"body":null}"#],
                ["--url", "http://127.0.0.1:\(server.port)/base/"]
            )
            #expect(run.code == .success, "\(run.output)")
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("PATCH /base/a%2Fb//c%41?x=%7e&y=+%20;&&= HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("\r\nhost: 127.0.0.1:\(server.port)\r\n"))
            for field in ["x-a: b  c", "authorization: bearer x", "cookie: a=b", "accept-encoding: identity"] {
                #expect(request.lowercased().contains("\r\n\(field)\r\n"), "\(field)")
            }
            #expect(!request.lowercased().contains("content-type"))
            #expect(request.hasSuffix("\r\n\r\n{}"))
        }
    }

    @Test(
        "an unusual request is sent as written too",
        arguments: [
            (#"{"path":"/","body":"x"}"#, "GET / HTTP/1.1", "\r\n\r\nx"),
            (#"{"method":"get","path":"/"}"#, "get / HTTP/1.1", ""),
            (#"{"path":"/a/../%2E/b"}"#, "GET /a/../%2E/b HTTP/1.1", ""),
            (#"{"path":"/%zz"}"#, "GET /%zz HTTP/1.1", ""),
            (#"{"path":"/a|b","query":"a={b}"}"#, "GET /a|b?a={b} HTTP/1.1", ""),
            (#"{"path":"/","headers":{"accept":["a","b"]}}"#, "GET / HTTP/1.1", "\r\naccept: a\r\naccept: b\r\n"),
            (#"{"path":"/","headers":{"accept-encoding":"br"}}"#, "GET / HTTP/1.1", "\r\naccept-encoding: br\r\n"),
        ]
    )
    func unusual(event: String, line: String, part: String) async throws {
        try await ScriptedServer.run { _ in
            [.request, Self.empty]
        } _: { server in
            let run = try await ReplayRun(
                ["a.json": event, "a.expect.json": #"{"status":204}"#],
                ["--url", "http://127.0.0.1:\(server.port)"]
            )
            #expect(run.code == .success, "\(run.output)")
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix(line + "\r\n"), "\(request)")
            #expect(part.isEmpty || request.contains(part), "\(request)")
        }
    }

    @Test("a request that a client cannot send is skipped", arguments: [#"{"method":"CONNECT","path":"/"}"#])
    func cannotSend(event: String) async throws {
        try await ScriptedServer.run { _ in
            [.request, Self.empty]
        } _: { server in
            let run = try await ReplayRun(["a.json": event], ["--url", "http://127.0.0.1:\(server.port)"])
            #expect(
                run.output.contains("skip    a (url)  not carried: a client cannot send such a target or method"),
                "\(run.output)"
            )
            #expect(server.requests.isEmpty)
        }
    }

    @Test("uncompressed content is requested; a response that is compressed anyway could not be compared")
    func compressed() async throws {
        for (event, code) in [
            (#"{"path":"/"}"#, ExitCode.couldNotRun), (#"{"path":"/","headers":{"accept-encoding":"gzip"}}"#, .success),
        ] {
            try await ScriptedServer.run { _ in
                [.request, Self.text("HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 1\n\na")]
            } _: { server in
                let run = try await ReplayRun(
                    ["a.json": event, "a.expect.json": #"{"status":200,"body":"a"}"#],
                    ["--url", "http://127.0.0.1:\(server.port)"]
                )
                #expect(run.code == code, "\(run.output)")
                let says = run.output.contains(
                    "could not run: the server encodes its content with gzip, although it was asked not to"
                )
                #expect(says == (code == .couldNotRun), "\(run.output)")
            }
        }
    }

    @Test(
        "a proxy for the address is found in the environment as curl finds it",
        arguments: [
            (["http_proxy": "http://p:1"], "http_proxy"), (["ALL_PROXY": "http://p:1"], "ALL_PROXY"),
            (["http_proxy": "http://p:1", "NO_PROXY": "other.example, a.example"], nil),
            (["http_proxy": "http://p:1", "no_proxy": ".Example"], nil),
            (["http_proxy": "http://p:1", "no_proxy": "*"], nil), (["http_proxy": ""], nil),
            (["http_proxy": "http://p:1", "no_proxy": "b.example,xample"], "http_proxy"),
            (["https_proxy": "http://p:1", "HTTP_PROXY": "http://p:1"], nil),
        ] as [([String: String], String?)]
    )
    func proxies(environment: [String: String], name: String?) throws {
        #expect(ProxyVariables.name(for: Origin(host: "A.example"), in: environment) == name)
        for host in ["localhost", "127.0.0.2", "::1"] {
            #expect(ProxyVariables.name(for: Origin(host: host), in: environment) == nil)
        }
        #expect(ProxyVariables.name(for: Origin(host: "a", isSecure: true), in: ["HTTPS_PROXY": "p"]) == "HTTPS_PROXY")
    }

    @Test("with a proxy for the address nothing runs, and the message says what to do")
    func proxy() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.json", #"{"path":"/"}"#)
        let captured = CapturedConsole(environment: ["http_proxy": "http://u:secret@proxy.example:1"])
        try await expect(captured.run(["replay", folder.path, "--url", "http://a.example"]), is: .couldNotRun)
        #expect(
            captured.messages.contains(
                "http_proxy names a proxy, but --url uses none: unset it, or put a.example into no_proxy"
            )
        )
        #expect(!captured.messages.contains("secret"))
    }

    @Test("an https URL is refused by a build without TLS", .enabled(if: !TLSContext.isBuilt))
    func noTLS() async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["replay", "--url", "https://a.example"]), is: .commandLine)
        #expect(captured.messages.contains("--url: https:// asks for TLS, and this build has none"))
        #expect(captured.messages.contains("script/build --tls"))
    }

    @Test(
        "a response is compared as it comes",
        arguments: [
            (
                "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n",
                #"{"status":200,"body":"abc","complete":false}"#
            ),
            ("GET", "HTTP/1.1 200 OK\nContent-Length: 9\n\nabc", #"{"status":200,"body":"abc","complete":false}"#),
            (
                "HEAD", "HTTP/1.1 405 No\nContent-Length: 9\nAllow: GET\n\n",
                #"{"status":405,"headers":{"allow":"GET"},"body":null}"#
            ),
            (
                "GET", "HTTP/1.1 302 Found\nLocation: /x\nContent-Length: 1\n\na",
                #"{"status":302,"headers":{"location":"/x"},"body":"a"}"#
            ),
            (
                "GET", "HTTP/1.1 401 No\nWWW-Authenticate: Bearer\nVary: a\nVary: b\nContent-Length: 1\n\na",
                #"{"status":401,"headers":{"www-authenticate":"Bearer","vary":"a, b"},"body":"a"}"#
            ),
        ]
    )
    func response(method: String, response: String, expectation: String) async throws {
        try await ScriptedServer.run { _ in
            [.request, Self.text(response)]
        } _: { server in
            let run = try await ReplayRun(
                ["a.json": #"{"method":"\#(method)","path":"/a"}"#, "a.expect.json": expectation],
                ["--url", "http://127.0.0.1:\(server.port)"]
            )
            #expect(run.code == .success, "\(run.output)")
            #expect(server.requests.count == 1)
        }
    }

    @Test("each function may have its own URL; a function without one is skipped")
    func addresses() async throws {
        let files = [
            "t.json": #"{"path":"/api/v1/token"}"#,
            "s.json": #"{"method":"POST","path":"/api/v1/run/echo/stream"}"#,
        ]
        try await ScriptedServer.run { _ in
            [.request, Self.empty]
        } _: { server in
            let url = "http://127.0.0.1:\(server.port)"
            let both = try await ReplayRun(files, ["--url", "token=\(url)/t", "--url=stream=\(url)/s/"])
            #expect(both.code == .success, "\(both.output)")
            let lines = server.requests.map { $0.prefix { $0 != "\r\n" } }.sorted()
            #expect(lines == ["GET /t/api/v1/token HTTP/1.1", "POST /s/api/v1/run/echo/stream HTTP/1.1"])
            let one = try await ReplayRun(files, ["--url", "token=\(url)"])
            #expect(one.output.contains("skip    s (url)  not carried: no --url stream=URL is given"))
        }
    }

    @Test("a failure shows a curl line that repeats the request")
    func curlLine() async throws {
        try await ScriptedServer.run { _ in
            [.request, Self.empty]
        } _: { server in
            let url = "http://127.0.0.1:\(server.port)"
            let run = try await ReplayRun(
                ["a.json": #"{"path":"/b"}"#, "a.expect.json": #"{"status":200}"#],
                ["--url", "\(url)/a/"]
            )
            #expect(run.code == .expectationFailed)
            #expect(run.output.contains("  curl -i --globoff --path-as-is '\(url)/a/b'\n"), "\(run.output)")
        }
    }

    @Test("without a server or a response, the fixture could not run")
    func noServer() async throws {
        try await ScriptedServer.run { _ in
            [.request]
        } _: { server in
            let run = try await ReplayRun(["a.json": #"{"path":"/"}"#], ["--url", "http://127.0.0.1:\(server.port)"])
            #expect(run.code == .couldNotRun)
            #expect(run.output.contains("ERROR   a (url): could not run: "), "\(run.output)")
        }
        let port = try FreePort.find()
        let run = try await ReplayRun(["a.json": #"{"path":"/"}"#], ["--url", "http://127.0.0.1:\(port)"])
        #expect(run.code == .couldNotRun)
        #expect(run.output.contains("ERROR   a (url): could not run: "), "\(run.output)")
    }

    @Test("a response is not awaited beyond the timeout, even if bytes keep coming")
    func timeout() async throws {
        let dripping: [ScriptedServer.Step] = Array(
            repeating: [.text("1\r\na\r\n"), .wait(milliseconds: 50)],
            count: 1000
        )
        .flatMap(\.self)
        for steps in [[], [Self.text("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")] + dripping] {
            try await ScriptedServer.run { _ in
                [.request] + steps + [.wait(milliseconds: 25_000), .wait(milliseconds: 25_000)]
            } _: { server in
                let loop = try EventLoop()
                loop.runOnNewThread()
                defer { loop.stop() }
                let failure = Lock<WebTransfer.Failure?>(nil)
                let start = ContinuousClock.now
                await loop.start {
                    let transfer = WebTransfer(on: loop, timeout: .milliseconds(300))
                    do {
                        let origin = Origin(host: "127.0.0.1", port: server.port)
                        _ = try await transfer.response(to: Request(method: .get, path: "/"), at: origin)
                    } catch {
                        failure.withLock { $0 = error as? WebTransfer.Failure }
                    }
                }.value
                #expect(failure.withLock { $0?.description } == "no complete response within 300 ms")
                // Other tests may keep the processors busy.
                #expect(ContinuousClock.now - start < .seconds(40))
            }
        }
    }

    @Test(
        "an invalid URL is refused, and no secret is shown",
        arguments: [
            (["x"], "--url must be http://"), (["ftp://a"], "--url must be http://"),
            (["http://a/?b"], "--url must be"), (["http://"], "--url must be http://host"),
            (["http://a:99999"], "--url must be"),
            (["http://u:secret@a"], "--url must not contain a user or a password"),
            (["http://a", "http://b"], "write --url token=URL --url stream=URL"),
            (["token=http://a", "token=http://b"], "--url token= is given more than once"),
        ]
    )
    func wrongURL(urls: [String], message: String) async throws {
        let captured = CapturedConsole()
        try await expect(captured.run(["replay"] + urls.map { "--url=\($0)" }), is: .commandLine)
        #expect(captured.messages.contains(message) && !captured.messages.contains("secret"))
    }
}
