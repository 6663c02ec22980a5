import FunctionCore
import FunctionEventLoop
import StreamTokensHTTPWorkflow
import StreamTokensWorkflows
import Support
import Testing

private let encoded = WorkflowFailure.unavailable(
    "the workflow encodes its content, although the request asks for identity"
)

@Suite("A workflow behind HTTP")
struct HTTPWorkflowTests {
    @Test("is sent the variables, the organization, the user, the request's id and trace, and nothing else")
    func request() async throws {
        let script: [ScriptedServer.Step] = [.request, respond(204), .request, respond(204)]
        try await withWorkflow(authorization: "Bearer secret", { _ in script }) { workflow, server in
            let call = WorkflowCall(
                workflow: "sum-up_2",
                variablesText: Array(#"{"a": "ü"}"#.utf8),
                organization: " Größe 100% & co ",
                user: "user-4711",
                requestID: "r-1",
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                tracestate: "a=b,c@d=e"
            )
            let run = try await workflow.start(call, within: .seconds(60))
            try await expect(run.next(), is: .end)
            await run.cancel()
            let fields =
                "POST /base/sum-up_2 HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\ncontent-type: application/json\r\n"
                + "accept: text/event-stream, text/plain;q=0.9, */*;q=0.1\r\naccept-encoding: identity\r\n"
                + "authorization: Bearer secret\r\nx-organization: %20Gr%C3%B6%C3%9Fe 100%25 & co%20\r\n"
                + "x-user: user-4711\r\nx-request-id: r-1\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                + "tracestate: a=b,c@d=e\r\n"
            #expect(server.requests == [fields + "content-length: 11\r\n\r\n{\"a\": \"ü\"}"])
        }
    }

    @Test("is sent no field without a value")
    func sparseRequest() async throws {
        try await withWorkflow({ _ in [.request, respond(204)] }) { workflow, server in
            // tracestate means nothing without traceparent.
            let call = WorkflowCall(workflow: "w", organization: "o", tracestate: "a=b")
            let run = try await workflow.start(call, within: .seconds(60))
            await run.cancel()
            for name in ["authorization", "x-user", "x-request-id", "traceparent", "tracestate"] {
                #expect(!server.requests[0].contains("\(name):"))
            }
        }
    }

    @Test("a name that could lead to another path is not found", arguments: ["", "..", "a/b", "a?b", "a b", "\u{e9}"])
    func names(name: String) async throws {
        try await withWorkflow({ _ in [.request, respond(204)] }) { workflow, server in
            await #expect(throws: WorkflowFailure.notFound) {
                try await workflow.start(WorkflowCall(workflow: name, organization: "o"), within: .seconds(60))
            }
            #expect(server.connectionCount == 0)
        }
    }

    @Test(
        "a response that starts no run is a failure",
        arguments: [
            ("404 \r\ncontent-length: 2\r\n\r\nno", .notFound),
            ("400 \r\n\r\n", .rejected("the workflow responded with 400")),
            ("422 \r\n\r\nsecret", .rejected("the workflow responded with 422")),
            ("429 \r\n\r\n", .busy(retryAfter: nil)),
            ("429 \r\nretry-after: 120\r\n\r\n", .busy(retryAfter: 120)),
            ("503 \r\nretry-after: 0\r\n\r\n", .busy(retryAfter: 0)),
            ("503 \r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n", .busy(retryAfter: nil)),
            ("503 \r\nretry-after: -1\r\n\r\n", .busy(retryAfter: nil)),
            ("503 \r\nretry-after: 1.5\r\n\r\n", .busy(retryAfter: nil)),
            ("503 \r\nretry-after:\r\n\r\n", .busy(retryAfter: nil)),
            ("503 \r\nretry-after: 99999999999999999999\r\n\r\n", .busy(retryAfter: 86_400)),
            ("503 \r\nretry-after: 9223372036854775807\r\n\r\n", .busy(retryAfter: 86_400)),
            ("500 \r\n\r\n", .unavailable("the workflow responded with 500")),
            ("401 \r\n\r\n", .unavailable("the workflow responded with 401")),
            (
                "302 \r\nlocation: http://127.0.0.1:9/\r\n\r\n",
                .unavailable("the workflow redirects (302); redirects are not followed")
            ),
            ("304 \r\n\r\n", .unavailable("the workflow redirects (304); redirects are not followed")),
            ("200 \r\ncontent-encoding: gzip\r\n\r\n", encoded), ("200 \r\ncontent-encoding: x\r\n\r\n", encoded),
            ("200 \r\ncontent-encoding: identity, gzip\r\n\r\n", encoded),
            ("200 \r\ncontent-encoding: none\r\ncontent-encoding: br\r\n\r\n", encoded),
        ] as [(String, WorkflowFailure)]
    )
    func failures(text: String, failure: WorkflowFailure) async throws {
        try await withWorkflow({ _ in [.request, .text("HTTP/1.1 " + text)] }) { workflow, server in
            await expect(workflow.failure(), is: failure)
            #expect(server.connectionCount == 1)
        }
    }

    @Test(
        "a 422 may name the variable that it is about, in JSON of at most 4 KiB",
        arguments: [
            (#"{"variable":"prompt"}"#, "prompt"), (#"{"detail":[],"variable":"a.b-c_1"}"#, "a.b-c_1"),
            (#"{"variable":"a b"}"#, nil), (#"{"variable":"<b>"}"#, nil), (#"{"variable":7}"#, nil), ("{}", nil),
            (#"["variable"]"#, nil), (#"{"variable":"a","variable":"b"}"#, nil), ("variable", nil), ("", nil),
            (#"{"variable":"a","x":""# + String(repeating: "x", count: 4096) + #""}"#, nil),
            (#"{"variable":""# + String(repeating: "a", count: 99) + #""}"#, String(repeating: "a", count: 64)),
        ] as [(String, String?)]
    )
    func variable(content: String, name: String?) async throws {
        for status in [422, 400] {
            let text = respond(status, "content-length: \(content.utf8.count)", content: content)
            try await withWorkflow({ _ in [.request, text] }) { workflow, _ in
                let variable = status == 422 ? name.flatMap { VariableName($0) } : nil
                let failure = WorkflowFailure.rejected("the workflow responded with \(status)", variable: variable)
                await expect(workflow.failure(), is: failure)
            }
        }
    }

    @Test(
        "an identity coding, and a charset in its place, are accepted",
        arguments: ["", "identity", "Identity", "identity, identity", "none", "utf-8", "UTF8, ,none"]
    )
    func codings(value: String) async throws {
        let fields = ["content-encoding: \(value)\r\n", "content-encoding: \(value)\r\nContent-Encoding: identity\r\n"]
        let texts = fields.map { "HTTP/1.1 200 \r\n\($0)content-length: 2\r\n\r\nok" }
        try await withWorkflow({ _ in texts.flatMap { [.request, .text($0)] } }) { workflow, _ in
            for _ in texts {
                let content = try await workflow.start().text()
                #expect(content == "ok")
            }
        }
    }

    @Test(
        "a success without content is a run that has ended",
        arguments: [
            "204 \r\n\r\n", "205 \r\ncontent-length: 3\r\n\r\nabc", "205 \r\ncontent-length: 0\r\n\r\n", "200 \r\n\r\n",
            "200 \r\ncontent-length: 0\r\n\r\n", "202 \r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "200 \r\ncontent-type: text/event-stream\r\n\r\n", "200 \r\ncontent-encoding: identity\r\n\r\n",
            "200 \r\ncontent-type: text/event-stream\r\n\r\n: hello\n\ndata: unfinished",
        ]
    )
    func empty(text: String) async throws {
        try await withWorkflow({ _ in [.request, .text("HTTP/1.1 " + text)] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .end)
            try await expect(run.next(), is: .end)
            await run.cancel()
        }
    }

    @Test("outputs bytes as they come, silence while none come, and its end")
    func bytes() async throws {
        let more = Gate()
        let script: [ScriptedServer.Step] = [
            .request, respond(200, "transfer-encoding: chunked", content: "3\r\none\r\n"), .pause(more),
            .text("3\r\ntwo\r\n0\r\n\r\n"), .request, respond(204),
        ]
        try await withWorkflow({ _ in script }) { workflow, server in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes(Array("one".utf8)))
            try await expect(run.next(within: .milliseconds(20)), is: .silence)
            try await expect(run.next(within: .zero), is: .silence)
            more.open()
            let rest = try await run.text()
            #expect(rest == "two")
            await run.cancel()
            let next = try await workflow.start()
            await next.cancel()
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a response that comes byte by byte gives the same output")
    func bytewise() async throws {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
        try await withWorkflow({ _ in [.request, .bytewise(text)] }) { workflow, _ in
            let run = try await workflow.start()
            let content = try await run.text()
            #expect(content == "hello world")
        }
    }

    @Test("may respond before it has read all of its variables")
    func earlyResponse() async throws {
        let go = Gate()
        try await withWorkflow({ _ in [respond(200, content: "early"), .pause(go)] }) { workflow, _ in
            let variables = "{\"a\":\"\(String(repeating: "x", count: 16 << 20))\"}"
            let run = try await workflow.start(variables)
            try await expect(run.next(), is: .bytes(Array("early".utf8)))
            await run.cancel()
            go.open()
        }
    }
}
