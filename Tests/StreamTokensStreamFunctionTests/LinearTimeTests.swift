import FunctionCore
import StreamTokensRedemption
import Support
import Testing

@testable import StreamTokensStreamFunction

@Suite("Fields of a stream's request take time in proportion to their size")
struct LinearTimeTests {
    private static let values = [
        Hostile("a list") { String(repeating: "text/event-stream,", count: $0 / 16) + "a" },
        Hostile("an empty list") { String(repeating: ",", count: $0) },
        Hostile("many parameters") { "text/event-stream" + String(repeating: ";q=0", count: $0) },
        Hostile("a long weight") { "text/event-stream;q=0." + String(repeating: "0", count: $0) },
        Hostile("quotes") { "a/b;c=" + String(repeating: "\"", count: $0) },
        Hostile("quoted pairs") { "a/b;c=\"" + String(repeating: "\\\"", count: $0 / 2) },
        Hostile("blanks") { "text/event-stream;" + String(repeating: " ", count: $0) + "q=1" },
        Hostile("letters with accents") { String(repeating: "\u{E9}", count: $0) },
        Hostile("an origin") { "https://" + String(repeating: "a", count: $0) },
    ]

    private static func request(_ name: Headers.Name, _ value: String) -> Request {
        var request = StreamFixture.post("")
        request.headers[name] = Headers.Value(value)
        return request
    }

    @Test("Accept", arguments: values)
    func accept(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            Self.request(.accept, hostile.text($0))
        } _: { request in
            _ = AcceptedFormats(request.headers).preferred
        }
        #expect(growth < Growth.limit)
    }

    @Test("Origin", arguments: values)
    func origin(_ hostile: Hostile) throws {
        let allowed = try AllowedOrigins("https://a.example,https://b.example")
        let growth = Growth.ofTime {
            Self.request(.origin, hostile.text($0))
        } _: { request in
            _ = allowed.allow(request)
            _ = allowed.preflight(request)
        }
        #expect(growth < Growth.limit)
    }

    @Test("the fields that a preflight asks for", arguments: values)
    func preflight(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            Self.request("access-control-request-headers", hostile.text($0))
        } _: { request in
            _ = AllowedOrigins.any.preflight(request)
        }
        #expect(growth < Growth.limit)
    }

    @Test(
        "Authorization",
        arguments: values + [Hostile("many bearers") { String(repeating: "Bearer pub_tok_x,", count: $0 / 17) + "a" }]
    )
    func authorization(_ hostile: Hostile) {
        let growth = Growth.ofTime {
            Self.request(.authorization, hostile.text($0))
        } _: { request in
            _ = StreamFunction.credential(of: request)
        }
        #expect(growth < Growth.limit)
    }

    @Test("the list of allowed origins", arguments: values)
    func allowed(_ hostile: Hostile) {
        let growth = Growth.ofTime(hostile.text) { _ = try? AllowedOrigins($0) }
        #expect(growth < Growth.limit)
    }
}
