import FunctionCore
import Testing

@Suite("Headers")
struct HeadersTests {
    @Test(
        "names ignore case and are stored in lower case",
        arguments: [("X-Request-ID", "x-request-id"), ("X-1!#$%&'*+-.^_`|~", "x-1!#$%&'*+-.^_`|~")]
    )
    func names(written: String, kept: String) {
        #expect(Headers.Name(written)?.string == kept)
        #expect(Headers.Name(written) == Headers.Name(kept))
    }

    @Test(
        "text that is not a token is neither a name nor a method",
        arguments: ["", " ", "a b", "a:", "a\r\n", "caf\u{e9}", "a\u{0}", "\u{212A}ey", "(a)", "a,b", "a/b", "\"a\""]
    )
    func illegalNames(name: String) {
        #expect(Headers.Name(name) == nil)
        #expect(Method(name) == nil)
    }

    @Test(
        "values may contain visible characters with blanks between them",
        arguments: ["", "a", "a b\tc", "\u{e9}\u{ff}\u{80}", "!~"]
    )
    func values(value: String) {
        #expect(Headers.Value(value)?.string == value)
    }

    @Test(
        "text that could end or fold a field line is not a value",
        arguments: [
            "a\r\nb", "a\nb", "a\rb", "\r\n", "a\u{0}", "\u{7f}", "\u{1b}", " a", "a ", "\ta", "a\t", " ", "\u{100}",
            "\u{1F600}",
        ]
    )
    func illegalValues(value: String) {
        #expect(Headers.Value(value) == nil)
    }

    @Test("repeats and their order are kept")
    func repeats() {
        var headers: Headers = ["accept": "a", "host": "h"]
        headers.append(.accept, "b")
        #expect(headers[.accept] == "a")
        #expect(headers.values(of: .accept) == ["a", "b"])
        #expect(headers.fields.map(\.name.string) == ["accept", "host", "accept"])
        #expect(headers[.date] == nil)
    }

    @Test("setting replaces all fields of the name, at the place of the first")
    func setting() {
        var headers: Headers = ["host": "h", "accept": "a", "x": "y", "accept": "b", "accept": "c"]
        headers[.accept] = "d"
        #expect(headers == ["host": "h", "accept": "d", "x": "y"])
        headers[.retryAfter] = Headers.Value(3)
        #expect(headers == ["host": "h", "accept": "d", "x": "y", "retry-after": "3"])
        headers[.accept] = nil
        headers.remove("x")
        #expect(headers == ["host": "h", "retry-after": "3"])
    }
}
