import FunctionCore
import Support
import Testing

@testable import StreamTokensRedemption

@Suite("ALLOWED_ORIGINS")
struct AllowedOriginsTests {
    private func origins(_ text: String) throws -> Set<String> {
        guard case .only(let origins) = try AllowedOrigins(text) else { return ["*"] }
        return Set(origins.map(\.string))
    }

    @Test(
        "an entry is corrected if it can mean only one origin",
        arguments: [
            ("*", ["*"]), (" *\n", ["*"]), ("https://app.example", ["https://app.example"]),
            ("\thttps://a.example ,\r\nhttp://localhost:3000\n,", ["https://a.example", "http://localhost:3000"]),
            ("HTTPS://App.Example", ["https://app.example"]), ("https://app.example/", ["https://app.example"]),
            ("https://app.example:443,http://app.example:80/", ["https://app.example", "http://app.example"]),
            ("https://app.example:80,http://app.example:443", ["https://app.example:80", "http://app.example:443"]),
            ("https://app.example:0443", ["https://app.example"]), ("https://app.example:", ["https://app.example"]),
            ("https://app.example:8443", ["https://app.example:8443"]),
            ("https://a_b.example.", ["https://a_b.example."]),
            ("https://127.0.0.1:8080", ["https://127.0.0.1:8080"]),
            ("https://[::1]:3000", ["https://[::1]:3000"]), ("https://[2001:DB8:0:0::1]", ["https://[2001:db8::1]"]),
            ("https://[0:0:0:0:0:0:0:0]:443", ["https://[::]"]),
            ("https://[1:0:0:2:0:0:0:3]", ["https://[1:0:0:2::3]"]),
            ("https://[1::2:3:4:5:6:7]", ["https://[1:0:2:3:4:5:6:7]"]),
            ("https://[::FFFF:1.2.3.4]", ["https://[::ffff:102:304]"]),
            ("https://münchen.example", ["https://xn--mnchen-3ya.example"]),
            ("https://MÜNCHEN.example", ["https://xn--mnchen-3ya.example"]),
            ("https://mu\u{308}nchen.example", ["https://xn--mnchen-3ya.example"]),
            ("https://xn--mnchen-3ya.example", ["https://xn--mnchen-3ya.example"]),
            ("https://例え。テスト", ["https://xn--r8jz45g.xn--zckzah"]), ("https://\u{212A}.example", ["https://k.example"]),
            ("capacitor://localhost", ["capacitor://localhost"]), ("tauri://LocalHost/", ["tauri://localhost"]),
            ("app://.", ["app://."]), ("chrome-extension://abcdef", ["chrome-extension://abcdef"]),
            ("ionic://localhost:8100", ["ionic://localhost:8100"]),
        ]
    )
    func canonical(text: String, expected: [String]) throws {
        try expect(origins(text), is: Set(expected))
    }

    @Test(
        "an entry that is not an origin is refused, with what to write instead",
        arguments: [
            ("", "names no origin; write https://app.example"), (" , \n", "names no origin"),
            ("\"https://app.example\"", "quotes; write it without them"),
            ("'https://app.example'", "quotes"), ("\u{201C}https://app.example\u{201D}", "quotes"),
            ("https://app.example/path", "more than an origin; write https://app.example"),
            ("HTTPS://App.example:443//", "more than an origin; write https://app.example"),
            ("https://app.example?a", "write https://app.example"),
            ("https://app.example#a", "write https://app.example"),
            ("https://app.example\\a", "write https://app.example"),
            ("https://*.example", "wildcard; write each origin"), ("*, https://a.example", "* alone for all"),
            ("null", "sandboxed frame"), ("app.example", "no scheme; write https://app.example"),
            ("localhost:3000", "write https://localhost:3000 or http://localhost:3000"), ("://a", "no scheme"),
            ("https:/a", "no scheme"), ("1a://b", "no scheme"),
            ("https://a.example https://b.example", "put commas between origins"),
            ("https://a.example\nhttps://b.example", "commas"),
            ("ws://app.example", "with http://"), ("wss://app.example", "with https://"),
            ("file:///a", "no origin of their own"),
            ("ftp://a", "no origin of their own"), ("https://", "host is malformed"),
            ("https://:443", "host is malformed"),
            ("https://a..example", "host is malformed"), ("https://a%62", "host is malformed"),
            ("https://[::1", "malformed"),
            ("https://[::g]", "host is malformed"), ("https://::1", "host is malformed"), ("https://a,b", "no scheme"),
            ("https://\(String(repeating: "a", count: 64))", "host is malformed"),
            ("https://\(String(repeating: "ü", count: 200))", "host is malformed"),
            ("https://a:b", "port is not a number"), ("https://a:65536", "port is not a number"),
            ("https://a:-1", "port is not a number"),
            ("app://", "host is malformed"), ("app://a%", "host is malformed"),
        ]
    )
    func wrong(text: String, words: String) throws {
        let problems = try #require(throws: AllowedOrigins.Problems.self) { try AllowedOrigins(text) }
        #expect(problems.lines.contains { $0.contains(words) }, "\(problems.lines)")
    }

    @Test("all wrong entries are reported, without any password")
    func several() throws {
        let text = "https://a.example, b.example, https://user:secret@c.example, \"u:secret@d\", https://e.example/f"
        let problems = try #require(throws: AllowedOrigins.Problems.self) { try AllowedOrigins(text) }
        #expect(problems.lines.count == 4)
        #expect(!problems.lines.joined().contains("secret"))
    }

    @Test("an app's origin matches in any case, and is returned as it was sent")
    func appOrigin() throws {
        let origins = try AllowedOrigins("app://Bundle.Name")
        let request = Request(path: "/", headers: [.origin: "app://Bundle.Name"])
        #expect(origins.allow(request))
        var response = Response(.ok)
        origins.expose(&response, to: request)
        #expect(response.headers["access-control-allow-origin"] == "app://Bundle.Name")
        #expect(!origins.allow(Request(path: "/", headers: [.origin: "app://Bundle.Nam\u{e9}"])))
    }
}
