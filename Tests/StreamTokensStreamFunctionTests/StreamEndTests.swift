import FunctionCore
import FunctionEventLoop
import StreamTokens
import StreamTokensRedemption
import StreamTokensStreamFunction
import StreamTokensWorkflows
import Support
import Testing

@Suite("A client that comes back after a stream's end")
struct StreamEndTests {
    /// A request that names the last event of a stream, as EventSource does when it reconnects.
    private static func reconnect(_ token: String?, after id: String, _ fields: Headers = [:]) -> Request {
        var headers = fields
        headers.append(.accept, "text/event-stream")
        headers.append("last-event-id", Headers.Value(id) ?? "")
        return Request(path: StreamFixture.path, query: token.map { "token=\($0)" }, headers: headers)
    }

    @Test("gets 204 whatever its token's state, without a trip to the store, and may not cache it")
    func ended() async throws {
        let workflow = ScriptedWorkflow("a")
        let fixture = try await StreamFixture(workflow) {
            StoreFaultTests.FaultyStore(store: $0, operation: .reserve, isExecuted: true)
        }
        let live = try await fixture.mint()
        for token in [live, "pub_tok_x", nil] {
            let response = await fixture.ask(Self.reconnect(token, after: "3;end"))
            #expect(response.status == 204)
            #expect(response.text.isEmpty)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.contentType] == nil)
            #expect(response.headers["access-control-allow-origin"] == "*")
        }
        #expect(try await fixture.isLive(live))
        #expect(workflow.calls.withLock { $0.isEmpty })
        #expect(fixture.events.withLock { $0.isEmpty })
        // The first reservation fails in this store: none was tried so far.
        await expect(fixture.ask(StreamFixture.post(live)).status, is: 503)
    }

    @Test("gets 204 for a POST that wants events, too, and its body is not read")
    func post() async throws {
        let fixture = try await StreamFixture()
        let headers: Headers = [.accept: "text/event-stream", "last-event-id": ";end"]
        var request = StreamFixture.post(try await fixture.mint(), headers: headers)
        request.body = .stream { _ in Issue.record("the body was read") }
        await expect(fixture.ask(request).status, is: 204)
    }

    @Test("opens a stream with a live token if its last event was not an end, or if it wants plain text")
    func other() async throws {
        let fixture = try await StreamFixture()
        for id in ["3", "", "3;END", "3;end;4"] {
            let response = await fixture.ask(Self.reconnect(try await fixture.mint(), after: id))
            #expect(response.status == 200, "\(id)")
        }
        let headers: Headers = ["last-event-id": "3;end"]
        await expect(fixture.ask(StreamFixture.post(try await fixture.mint(), headers: headers)).status, is: 200)
    }

    @Test("is refused first if its method or its origin is")
    func refused() async throws {
        var options = StreamOptions()
        options.allowedOrigins = try AllowedOrigins("https://app.example")
        let fixture = try await StreamFixture(options: options)
        let foreign = Self.reconnect(nil, after: "3;end", [.origin: "https://evil.example"])
        await expect(fixture.ask(foreign).code, is: "origin_not_allowed")
        var own = Self.reconnect(nil, after: "3;end", [.origin: "https://app.example"])
        let response = await fixture.ask(own)
        #expect(response.status == 204)
        #expect(response.headers["access-control-allow-origin"] == "https://app.example")
        own.headers[.accept] = "text/html"
        await expect(fixture.ask(own).status, is: 405)
    }

    @Test("is allowed to send Last-Event-ID by the preflight")
    func preflight() async throws {
        let fixture = try await StreamFixture()
        for asked in ["last-event-id", nil] as [Headers.Value?] {
            var headers: Headers = [.origin: "https://app.example", "access-control-request-method": "GET"]
            headers["access-control-request-headers"] = asked
            let response = await fixture.ask(Request(method: .options, path: StreamFixture.path, headers: headers))
            #expect(response.status == 204)
            #expect(response.headers["access-control-allow-headers"]?.string.contains("last-event-id") == true)
        }
    }

    @Test("finds an id that ends in ;end on each event that ends a stream", arguments: [true, false])
    func marked(isWhole: Bool) async throws {
        let last: ScriptedWorkflow.Step = isWhole ? .output(.bytes([0xE2])) : .failure(.timedOut)
        let workflow = ScriptedWorkflow(.success([.output(.bytes(Array("a".utf8))), last]))
        let fixture = try await StreamFixture(workflow)
        let headers: Headers = [.accept: "text/event-stream"]
        let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: headers))
        var parser = ServerSentEventParser()
        let events = try parser.feed(Array(response.text.utf8))
        #expect(events.map(\.id) == (isWhole ? ["1", "2", "2;end"] : ["1", "1;end"]))
        #expect(events.last?.type == (isWhole ? "done" : "error"))
    }

    @Test("is told how long to wait before it comes, unless the workflow's first output says it")
    func retry() async throws {
        let headers: Headers = [.accept: "text/event-stream"]
        for (first, beginning) in [
            (.bytes(Array("a".utf8)), "retry: 1000\n\nid: 1\n"), (.end, "retry: 1000\n\nevent: done\n"),
            (.event(ServerSentEvent(data: "a")), "retry: 1000\n\ndata: a\n"),
            (.event(ServerSentEvent(data: "a", retry: 5)), "retry: 5\ndata: a\n"),
            (.reconnection(.init(id: "7")), "retry: 1000\n\nid: 7\n"),
            (.reconnection(.init(retry: 0)), "retry: 0\n\nevent: done\n"),
        ] as [(WorkflowOutput, String)] {
            let steps: [ScriptedWorkflow.Step] = first == .end ? [] : [.output(first)]
            let fixture = try await StreamFixture(ScriptedWorkflow(.success(steps)))
            let response = await fixture.ask(StreamFixture.post(try await fixture.mint(), headers: headers))
            #expect(response.text.hasPrefix(beginning), "\(response.text)")
            let plain = await fixture.ask(StreamFixture.post(try await fixture.mint()))
            #expect(!plain.text.contains("retry"))
        }
    }
}
