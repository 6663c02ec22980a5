import FunctionCore
import Support
import Testing

@testable import StreamTokensAdmitFunction

@Suite("Fields of a proxy's question take time in proportion to their size")
struct AdmitLinearTimeTests {
    private static let values = [
        Hostile("tokens") { "/?" + String(repeating: "token=pub_tok_x&", count: $0 / 16) },
        Hostile("empty parameters") { "/?" + String(repeating: "&", count: $0) },
        Hostile("slashes") { String(repeating: "/", count: $0) },
        Hostile("question marks") { String(repeating: "?", count: $0) },
        Hostile("a long segment") { "/ws/" + String(repeating: "a", count: $0) },
        Hostile("protocols") { String(repeating: "stream-token.x,", count: $0 / 15) + "a" },
        Hostile("commas") { String(repeating: ",", count: $0) + "a" },
        Hostile("blanks") { "a" + String(repeating: " ", count: $0) + "a" },
        Hostile("letters with accents") { String(repeating: "\u{E9}", count: $0) },
    ]

    @Test(
        "each",
        arguments: ["x-original-uri", "x-original-method", "sec-websocket-protocol", "x-admit-secret", "x-request-id"],
        values
    )
    func field(name: String, hostile: Hostile) throws {
        var options = AdmitOptions()
        options.workflowPath = WorkflowPath("/ws/{workflow}")
        options.secret = ProxySecret(AdmitFixture.secret)
        let growth = Growth.ofTime {
            var request = AdmitFixture.question("/", id: "a")
            request.headers[Headers.Name(lowercasedToken: name)] = Headers.Value(hostile.text($0))
            return request
        } _: { request in
            _ = OriginalRequest(request, options)
        }
        #expect(growth < Growth.limit)
    }
}
