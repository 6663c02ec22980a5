import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import StreamTokensHTTPWorkflow
import StreamTokensWorkflows
import Support
import Testing

/// Runs `body` with workflows at a server that plays `script`, and checks that no descriptor stays open.
func withWorkflow(
    authorization: Headers.Value? = nil,
    silence: Duration = .seconds(60),
    eventLimit: Int? = nil,
    _ script: @escaping @Sendable (_ connection: Int) -> [ScriptedServer.Step],
    _ body: (HTTPWorkflow, ScriptedServer) async throws -> Void
) async throws {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    let port = try await ScriptedServer.run(script) { server in
        let url = try WorkflowURL("http://127.0.0.1:\(server.port)/base")
        let workflow =
            if let eventLimit {
                HTTPWorkflow(url, authorization: authorization, silence: silence, eventLimit: eventLimit, on: loop)
            } else {
                HTTPWorkflow(url, authorization: authorization, silence: silence, on: loop)
            }
        try await body(workflow, server)
        return server.port
    }
    #expect(await waitUntil { openSockets(port: port) == [] }, "a descriptor stays open")
}

/// A response with these header lines and this content.
func respond(_ status: Int, _ lines: String..., content: String = "") -> ScriptedServer.Step {
    .text("HTTP/1.1 \(status) \r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + content)
}

extension HTTPWorkflow {
    /// Starts a run, with time to spare.
    func start(
        _ variables: String = "{}",
        organization: String = "acme",
        within limit: Duration = .seconds(60)
    ) async throws(WorkflowFailure) -> any WorkflowRun {
        let call = WorkflowCall(
            workflow: "summarize",
            variablesText: Array(variables.utf8),
            organization: organization,
            requestID: "r-1"
        )
        return try await start(call, within: limit)
    }

    /// Why no run starts; nil if one does.
    func failure(within limit: Duration = .seconds(60)) async -> WorkflowFailure? {
        do {
            await (try start(within: limit)).cancel()
            return nil
        } catch {
            return error
        }
    }
}

extension WorkflowRun {
    /// The next output, with time to spare.
    func next() async throws(WorkflowFailure) -> WorkflowOutput {
        try await next(within: .seconds(60))
    }

    /// All bytes until the end.
    func text() async throws(WorkflowFailure) -> String {
        var bytes: [UInt8] = []
        while case .bytes(let more) = try await next() { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Why the run cannot go on; records an issue if it can.
    func failure(within limit: Duration = .seconds(60)) async -> WorkflowFailure? {
        do {
            Issue.record("got \(try await next(within: limit))")
            return nil
        } catch {
            return error
        }
    }
}

extension WorkflowFailure {
    var isUnavailable: Bool {
        if case .unavailable(let reason) = self { !reason.isEmpty } else { false }
    }
}
