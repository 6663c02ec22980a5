import StreamTokensAdmitFunction
import Testing

@Suite("ADMIT_WORKFLOW_PATH")
struct WorkflowPathTests {
    @Test(
        "a path has the workflow only if it has the pattern's form to the letter",
        arguments: [
            ("/ws/{workflow}", "/ws/chat", "chat"), ("/ws/{workflow}", "/ws/a_b-9", "a_b-9"),
            ("/{workflow}/events", "/chat/events", "chat"), ("/a/{workflow}/b/c", "/a/x/b/c", "x"),
            ("/{workflow}", "/x", "x"),
            ("/ws/{workflow}", "/ws/", nil), ("/ws/{workflow}", "/ws", nil), ("/ws/{workflow}", "/ws/a/b", nil),
            ("/ws/{workflow}", "/ws/a/", nil), ("/ws/{workflow}", "//ws/a", nil), ("/ws/{workflow}", "/ws//a", nil),
            ("/ws/{workflow}", "/WS/a", nil), ("/ws/{workflow}", "/x/../ws/a", nil),
            ("/ws/{workflow}", "/ws/../a", nil), ("/ws/{workflow}", "/ws/.", nil), ("/ws/{workflow}", "/ws/..", nil),
            ("/ws/{workflow}", "/ws/%61", nil), ("/ws/{workflow}", "/%77s/a", nil), ("/ws/{workflow}", "/ws/a;b", nil),
            ("/ws/{workflow}", "/ws/a%2Fb", nil), ("/ws/{workflow}", "/ws/\u{E9}", nil),
            ("/ws/{workflow}", "http://host/ws/a", nil), ("/ws/{workflow}", "", nil),
            ("/{workflow}/events", "/events", nil), ("/{workflow}/events", "//events", nil),
            ("/ws/{workflow}", "/ws/\(String(repeating: "a", count: 65))", nil),
        ] as [(String, String, String?)]
    )
    func workflow(pattern: String, path: String, name: String?) throws {
        let pattern = try #require(WorkflowPath(pattern))
        #expect(pattern.workflow(in: path[...]).map(String.init) == name)
    }

    @Test(
        "a pattern is a path with one segment {workflow}",
        arguments: [
            "", "/", "ws/{workflow}", "/ws", "/ws/{workflow", "/ws/{workflow}s", "/{workflow}/{workflow}",
            "/ws/{workflow}/", "//{workflow}", "/a%62/{workflow}", "/../{workflow}", "/./{workflow}",
            "/ws/{workflow}?a", "/\u{E9}/{workflow}", "/{WORKFLOW}",
        ]
    )
    func wrong(pattern: String) {
        #expect(WorkflowPath(pattern) == nil)
    }
}
