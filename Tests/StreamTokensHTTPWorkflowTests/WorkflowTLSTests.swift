#if TLS
import FunctionEventLoop
import StreamTokensHTTPWorkflow
import Support
import FunctionTLS
import Testing
import StreamTokensWorkflows

@Suite("A workflow behind https")
struct WorkflowTLSTests {
    @Test("outputs bytes as they come, may be silent in between, and is cancelled at once")
    func streams() async throws {
        let (more, closed) = (Gate(), Gate())
        let script: [ScriptedServer.Step] = [
            .request, respond(200, content: "a"), .pause(more), .text("b"), .untilClosed(closed),
        ]
        try await withSecureWorkflow({ _ in script }) { workflow in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes([UInt8(ascii: "a")]))
            for _ in 0..<3 { try await expect(run.next(within: .milliseconds(20)), is: .silence) }
            more.open()
            try await expect(run.next(), is: .bytes([UInt8(ascii: "b")]))
            let start = Instant.now
            await run.cancel()
            #expect(await closed.opened())
            #expect(closed.wasOpened(within: .seconds(10), of: start))
            await expect(run.failure(), is: .cancelled)
        }
    }

    @Test("is cancelled at once even if it sends without end")
    func floods() async throws {
        let flood = ScriptedServer.Step.send(Array(repeating: 97, count: 32 << 20))
        try await withSecureWorkflow({ _ in [.request, respond(200), flood] }) { workflow in
            let run = try await workflow.start()
            for _ in 0..<100 { _ = try await run.next() }
            await run.cancel()
            await expect(run.failure(), is: .cancelled)
        }
    }

    @Test("with a refused certificate is unavailable, with the reason")
    func refused() async throws {
        var options = TLSFront.Options()
        options.certificate = "stranger"
        try await withSecureWorkflow(options: options, { _ in [] }) { workflow in
            let failure = await workflow.failure()
            #expect("\(String(describing: failure))".contains("its authority is unknown"))
        }
    }
}

/// Runs `body` with workflows at a server that plays `script` behind TLS, and checks that no descriptor stays open.
private func withSecureWorkflow(
    options: TLSFront.Options = TLSFront.Options(),
    _ script: @escaping @Sendable (_ connection: Int) -> [ScriptedServer.Step],
    _ body: (HTTPWorkflow) async throws -> Void
) async throws {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    let port = try await ScriptedServer.run(script) { server in
        let front = try TLSFront(to: server.port, options)
        let url = try WorkflowURL("https://localhost:\(front.port)/base")
        try await body(HTTPWorkflow(url, tls: .ofTests(), on: loop))
        return front.port
    }
    #expect(await waitUntil { openSockets(port: port) == [] }, "a descriptor stays open")
}
#endif
