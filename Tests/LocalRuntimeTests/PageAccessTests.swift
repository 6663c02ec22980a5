import FunctionCore
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeCommands
@testable import LocalRuntimeConsole

@Suite("Access to the page")
struct PageAccessTests {
    private let access = PageAccess(allowing: ["dev.example", "fe80::1"].compactMap { HostName($0) })

    private func fields(_ pairs: [(Headers.Name, String)]) -> Headers {
        Headers(pairs.compactMap { name, value in Headers.Value(value).map { Headers.Field(name, $0) } })
    }

    @Test(
        "this machine's own names and the allowed ones are accepted, at any port",
        arguments: [
            "127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:1", "[::1]", "[::1]:65535", "127.0.0.1:",
            "dev.example", "DEV.example:443", "[fe80::1]:80",
            // Absolute names, with the root's dot.
            "localhost.", "LOCALHOST.:8080", "dev.example.", "dev.example.:443",
        ]
    )
    func hosts(host: String) {
        #expect(access.refusal(of: fields([(.host, host)])) == nil)
    }

    @Test(
        "every other name is refused",
        arguments: [
            "", "example.org", "127.0.0.1.example.org", "localhost.example.org", "localhost..", ".", ".:80",
            "127.0.0.2", "0.0.0.0",
            "192.0.2.1:8080", "[::2]", "[::1].example.org", "[::1", "::1", "127.0.0.1:80:80", "127.0.0.1:x", ":80",
            "dev.example.org", "x.dev.example", "2130706433", "localhost@example.org",
        ]
    )
    func otherHosts(host: String) {
        #expect(access.refusal(of: fields([(.host, host)])) == .host)
    }

    @Test("a request without a host, or with two, is refused")
    func ambiguousHosts() {
        #expect(access.refusal(of: [:]) == .host)
        #expect(access.refusal(of: fields([(.host, "localhost"), (.host, "localhost")])) == .host)
    }

    @Test(
        "the page's own requests are allowed",
        arguments: [
            [("origin", "http://localhost:8080")], [("sec-fetch-site", "same-origin")], [("sec-fetch-site", "none")],
            [("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")],
            // Behind a proxy that terminates TLS.
            [("origin", "https://localhost:8080")],
        ]
    )
    func sameOrigin(pairs: [(String, String)]) throws {
        let others = try pairs.map { (try #require(Headers.Name($0)), $1) }
        #expect(access.refusal(of: fields([(.host, "localhost:8080")] + others)) == nil)
    }

    @Test("a page that was opened by an absolute name has the same origin")
    func rootDot() {
        let fields = [(Headers.Name.host, "localhost.:8080"), (.origin, "http://localhost.:8080")]
        #expect(access.refusal(of: self.fields(fields)) == nil)
    }

    @Test(
        "another page's requests are refused",
        arguments: [
            [("origin", "http://localhost:3000")], [("origin", "http://localhost")], [("origin", "null")],
            [("origin", "http://127.0.0.1:8080")], [("origin", "https://example.org")], [("origin", "")],
            [("origin", "http://localhost:8080.example.org")], [("sec-fetch-site", "cross-site")],
            [("sec-fetch-site", "same-site")], [("sec-fetch-site", "")], [("sec-fetch-site", "Same-Origin")],
            [("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")],
            [("origin", "http://localhost:8080"), ("origin", "https://example.org")],
            [("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")],
        ]
    )
    func otherOrigin(pairs: [(String, String)]) throws {
        let others = try pairs.map { (try #require(Headers.Name($0)), $1) }
        #expect(access.refusal(of: fields([(.host, "localhost:8080")] + others)) == .origin)
    }

    @Test(
        "an allowed host is written as in a URL",
        arguments: [
            ("Dev.Example", "dev.example"), ("192.0.2.1", "192.0.2.1"), ("::1", "[::1]"), ("[FE80::1]", "[fe80::1]"),
            ("my_machine", "my_machine"), ("dev.example.", "dev.example"),
        ]
    )
    func names(text: String, name: String) {
        #expect(HostName(text)?.description == name)
    }
}
