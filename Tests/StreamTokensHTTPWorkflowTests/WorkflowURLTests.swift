import FunctionHTTP
import FunctionTLS
import Support
import Testing

@testable import StreamTokensHTTPWorkflow

@Suite("The URL of workflows")
struct WorkflowURLTests {
    @Test(
        "is read into origin and base",
        arguments: [
            ("http://workflows", "workflows", 80, ""), ("http://workflows/", "workflows", 80, ""),
            ("HTTP://127.0.0.1:8080/base", "127.0.0.1", 8080, "/base"), ("http://[::1]:81/a/b//", "::1", 81, "/a/b"),
            ("http://[::1]", "::1", 80, ""), ("http://h:1/a%20b/@c", "h", 1, "/a%20b/@c"),
        ]
    )
    func read(text: String, host: String, port: UInt16, base: String) throws {
        let url = try WorkflowURL(text)
        #expect(url.origin.host == host)
        #expect(url.origin.port == port)
        #expect(url.base == base)
    }

    @Test(
        "is refused with the reason",
        arguments: [
            ("", .missingScheme), ("workflows:80", .missingScheme), ("//h", .missingScheme), ("://h", .missingScheme),
            ("ftp://h", .unknownScheme("ftp")),
            ("http://u@h", .userInformation), ("http://u:p@h/x", .userInformation), ("http://", .missingHost),
            ("http:///x", .missingHost), ("http://:80", .missingHost), ("http://a b", .malformedHost),
            ("http://[::1", .malformedHost), ("http://[]", .malformedHost), ("http://[::1]x", .malformedHost),
            ("http://::1", .malformedHost), ("http://h:", .malformedPort), ("http://h:0", .malformedPort),
            ("http://h:65536", .malformedPort), ("http://h:+1", .malformedPort), ("http://h/a b", .malformedPath),
            ("http://h/\u{e9}", .notASCII), ("http://\u{e9}", .notASCII), ("http://h/%2", .malformedPath),
            ("http://h/%zz", .malformedPath),
            ("http://h/\r\nx", .malformedPath), ("http://h/x?y", .query), ("http://h?", .query),
            ("http://h/#x", .fragment), ("http://h#x", .fragment),
        ] as [(String, WorkflowURLError)]
    )
    func refused(text: String, error: WorkflowURLError) {
        #expect(throws: error) { try WorkflowURL(text) }
    }

    @Test("with https is refused by a build without TLS, with what to do", .enabled(if: !TLSContext.isBuilt))
    func notBuilt() {
        let error = #expect(throws: WorkflowURLError.encrypted) { try WorkflowURL("HTTPS://h") }
        #expect(error?.description.contains("build with script/build --tls (swift build --traits TLS)") == true)
    }

    @Test("with https is read by a build with TLS", .enabled(if: TLSContext.isBuilt))
    func encrypted() throws {
        let url = try WorkflowURL("https://h/b")
        #expect(url.origin == Origin(host: "h", port: 443, isSecure: true))
        #expect(url.description == "https://h/b")
        try expect(WorkflowURL("https://h:80").description, is: "https://h:80")
        try expect(WorkflowURL("https://h").origin, isNot: WorkflowURL("http://h:443").origin)
    }

    @Test(
        "is read in linear time",
        arguments: [
            Hostile("combining marks") { "http://" + HostileText.marks($0) },
            Hostile("a scheme of marks", HostileText.marks),
            Hostile("slashes") { "http://h" + String(repeating: "/", count: $0) + "a" },
            Hostile("colons") { "http://" + String(repeating: ":", count: $0) },
            Hostile("percent signs") { "http://h/" + String(repeating: "%41", count: $0) },
        ]
    )
    func linear(_ hostile: Hostile) {
        let growth = Growth.ofTime(hostile.text) { text in
            do throws(WorkflowURLError) { _ = try WorkflowURL(text) } catch { _ = error.description }
        }
        #expect(growth < Growth.limit)
    }
}
