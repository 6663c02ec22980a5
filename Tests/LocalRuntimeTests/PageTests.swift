import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import Glibc
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeReplay

@Suite("The page")
struct PageTests {
    /// The page around a function that responds to everything with 204.
    private func handler(allowing hosts: [String] = []) -> Handler {
        let functions = FunctionInstance { _ in Response(.noContent) }
        return Page(PageAccess(allowing: hosts.compactMap { HostName($0) })).around(functions).handler
    }

    private func request(_ method: Method, _ path: String, _ fields: Headers = [:]) -> Request {
        var headers: Headers = [.host: "localhost:8080"]
        for field in fields.fields { headers[field.name] = field.value }
        return Request(method: method, path: path, headers: headers)
    }

    private func text(_ response: Response) async throws -> String {
        String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test(
        "every file of the page is sent with its type and a strict policy",
        arguments: [
            ("/", "text/html; charset=utf-8"), ("/page.css", "text/css; charset=utf-8"),
            ("/page.js", "text/javascript; charset=utf-8"), ("/fixtures.js", "text/javascript; charset=utf-8"),
            ("/page.svg", "image/svg+xml"), ("/exchanges", "application/json"), ("/fixtures", "application/json"),
            ("/openapi.json", "application/json"),
        ]
    )
    func assets(path: String, type: String) async throws {
        let response = await handler()(request(.get, path))
        #expect(response.status == .ok)
        #expect(response.headers[.contentType]?.string == type)
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.referrerPolicy] == "no-referrer")
        #expect(
            response.headers["content-security-policy"]
                == "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )
        #expect(try await !text(response).isEmpty)
    }

    @Test("the page has no inline script or style, and sends requests to its own server only")
    func inline() async throws {
        let html = try await text(await handler()(request(.get, "/")))
        #expect(html.contains(#"<script src="/page.js" defer></script>"#))
        for forbidden in ["<style", "style=", " on", "javascript:", "http:", "https:", #"="//"#] {
            let isThere = forbidden == " on" ? html.contains(/\son[a-z]+=/) : html.contains(forbidden)
            #expect(!isThere, "\(forbidden)")
        }
        let script =
            try await text(await handler()(request(.get, "/page.js")))
            + text(await handler()(request(.get, "/fixtures.js")))
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"]
        {
            #expect(!script.contains(forbidden), "\(forbidden)")
        }
        let style = try await text(await handler()(request(.get, "/page.css")))
        #expect(!style.contains("url(") && !style.contains("@import"))
    }

    @Test("every route is refused at a name that is not this machine's", arguments: PageRoute.allCases)
    func otherHost(route: PageRoute) async throws {
        let request = request(route.methods[0], route.rawValue, [.host: "rebound.example:8080"])
        let response = await handler()(request)
        #expect(response.status == .forbidden)
        let body = try await text(response)
        #expect(body.contains("--allow-host HOST") && body.contains(#""code":"host_not_allowed""#))
        await expect(handler(allowing: ["Rebound.example"])(request).status, isNot: .forbidden)
    }

    @Test("every route is refused to another site's page", arguments: PageRoute.allCases)
    func otherSite(route: PageRoute) async throws {
        for fields in [["origin": "https://example.org"], ["sec-fetch-site": "cross-site"]] as [Headers] {
            let response = await handler()(request(route.methods[0], route.rawValue, fields))
            #expect(response.status == .forbidden)
            #expect(try await text(response).contains(#""code":"origin_not_allowed""#))
        }
    }

    @Test("every route refuses other methods", arguments: PageRoute.allCases)
    func methods(route: PageRoute) async throws {
        for method in [Method.get, .head, .post, .put, .delete, .options] where !route.methods.contains(method) {
            let response = await handler()(request(method, route.rawValue))
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow]?.string == ([.mint, .run].contains(route) ? "POST" : "GET, HEAD"))
        }
    }

    @Test(
        "all other paths go to the functions, at any name and from any page",
        arguments: ["/page", "/page.css/", "//", "/Mint", "/mint/", "/%6Dint", "/exchanges.json", "/api/v1/token"]
    )
    func functions(path: String) async {
        let fields: Headers = [.host: "rebound.example", "origin": "https://example.org"]
        await expect(handler()(request(.get, path, fields)).status, is: .noContent)
    }

    @Test("exchanges are requested after a revision, or all of them", arguments: ["0", "99999999", nil])
    func after(text: String?) async {
        var request = request(.get, "/exchanges")
        request.query = text.map { "after=\($0)" }
        await expect(handler()(request).status, is: .ok)
    }

    @Test("any other revision is refused", arguments: ["", "-1", "+1", "1.0", "x", "99999999999999999999"])
    func wrongAfter(text: String) async throws {
        for path in ["/exchanges", "/fixtures"] {
            var request = request(.get, path)
            request.query = "after=\(text)"
            let response = await handler()(request)
            #expect(response.status == .badRequest)
            #expect(try await self.text(response).contains(#""code":"invalid_after""#))
        }
    }

    @Test("the page mints, opens the stream, and reads both exchanges, without ever seeing the key")
    func bothSteps() async throws {
        try await serving { (port, secret) async throws in
            let minted = try await ask(port, "/mint?ttl=90", method: "POST")
            #expect(minted.hasPrefix("HTTP/1.1 200 OK\r\n") && minted.hasSuffix(#"","ttl":90}"#))
            let token = try #require(minted.firstMatch(of: /pub_tok_[A-Za-z0-9]+/)?.output)
            let target = "/api/v1/run/echo/stream?token=\(token)"
            let opened = try await ask(port, target, method: "POST", host: "anywhere.example", body: #"{"text":"a b"}"#)
            #expect(opened.hasPrefix("HTTP/1.1 200 OK\r\n") && opened.contains("a \r\n"))
            #expect(try await ask(port, target, method: "POST").hasPrefix("HTTP/1.1 401 "))
            let shown = try await ask(port, "/exchanges?after=0")
            #expect(shown.contains(#""demo":true"#))
            #expect(shown.contains(#""line":"GET /api/v1/token?ttl=90 HTTP/1.1""#))
            #expect(shown.contains(#"["authorization","Bearer \#(secret.prefix(9))…"]"#))
            #expect(shown.contains(#""line":"POST /api/v1/run/echo/stream?token=\#(token.prefix(14))… HTTP/1.1""#))
            #expect(
                shown.contains(#""body":"{\"text\":\"a b\"}","size":14"#) && shown.contains(#""body":"a b","size":3"#)
            )
            #expect(shown.contains(#""status":401"#))
            for response in [minted, opened, shown] { #expect(!response.contains(secret)) }
            #expect(!shown.contains(token))
        }
    }

    @Test("a ttl that the token function refuses is refused with the function's error")
    func refusedMint() async throws {
        try await serving { (port, _) async throws in
            let refused = try await ask(port, "/mint?ttl=301", method: "POST")
            #expect(refused.hasPrefix("HTTP/1.1 400 ") && refused.contains(#""code":"invalid_ttl""#))
        }
    }

    @Test("the page mints with a policy, which it cannot change afterwards, and the exchange hides what it locks")
    func policy() async throws {
        try await serving { port, _ in
            let policy = #"{"ttl":90,"workflows":["count"],"variables":{"to":3},"user":"jo"}"#
            let minted = try await ask(port, "/mint", method: "POST", body: policy)
            #expect(minted.hasPrefix("HTTP/1.1 200 OK\r\n") && minted.hasSuffix(#"","ttl":90}"#))
            let token = try #require(minted.firstMatch(of: /pub_tok_[A-Za-z0-9]+/)?.output)
            let target = "/api/v1/run/count/stream?token=\(token)"
            let refused = try await ask(port, target, method: "POST", body: #"{"to":4}"#)
            #expect(refused.hasPrefix("HTTP/1.1 403 ") && refused.contains(#""code":"variable_locked""#))
            let opened = try await ask(port, target, method: "POST", body: #"{"interval_ms":0}"#)
            #expect(opened.hasPrefix("HTTP/1.1 200 OK\r\n") && opened.contains("3\n") && !opened.contains("4\n"))
            let shown = try await ask(port, "/exchanges")
            #expect(shown.contains(#"\"variables\":{\"to\":0},\"user\":\"user\""#))
            let bad = try await ask(port, "/mint?ttl=5", method: "POST", body: "{}")
            #expect(bad.hasPrefix("HTTP/1.1 400 ") && bad.contains("the query names ttl"))
        }
    }

    @Test("without a demo organization minting is refused, and the page is told so")
    func noDemo() async throws {
        try await serving(isDemo: false) { (port, _) async throws in
            let refused = try await ask(port, "/mint?ttl=60", method: "POST")
            #expect(refused.hasPrefix("HTTP/1.1 404 ") && refused.contains(#""code":"no_demo_organization""#))
            #expect(try await ask(port, "/exchanges").hasSuffix(#"{"latest":0,"demo":false,"exchanges":[]}"#))
        }
    }

    @Test("the health paths are served at any name")
    func health() async throws {
        try await serving { (port, _) async throws in
            let response = try await ask(port, "/health/liveness", host: "rebound.example")
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await ask(port, "/", host: "rebound.example").hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("the page's polling is not logged")
    func quiet() async throws {
        let (input, output) = try Spawn.makePipe()
        defer { close(input) }
        try await serving(sink: LogSink(descriptor: output)) { (port, _) async throws in
            for path in ["/", "/exchanges", "/exchanges?after=3", "/fixtures?after=3"] { _ = try await ask(port, path) }
        }
        close(output)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let log = String(decoding: buffer[..<read(input, &buffer, buffer.count)], as: UTF8.self)
        #expect(log.contains(#""path":"/""#))
        #expect(!log.contains("exchanges") && !log.contains("fixtures"))
    }
}
