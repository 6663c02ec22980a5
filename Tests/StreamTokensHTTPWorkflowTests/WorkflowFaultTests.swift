import FunctionCore
import FunctionEventLoop
import Glibc
import StreamTokensHTTPWorkflow
import StreamTokensWorkflows
import Support
import Testing

@Suite("Faults of a workflow")
struct WorkflowFaultTests {
    @Test("a workflow that cannot be reached is unavailable, and the failure holds no secret")
    func refused() async throws {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let port = try await ScriptedServer.run({ _ in [] }) { $0.port }
        #expect(await waitUntil { openSockets(port: port) == [] })
        let url = try WorkflowURL("http://127.0.0.1:\(port)")
        let failure = await HTTPWorkflow(url, authorization: "Bearer secret", on: loop).failure()
        #expect(failure?.isUnavailable == true)
        #expect("\(String(describing: failure))".contains("refused"))
        #expect(!"\(String(describing: failure))".contains("secret"))
    }

    @Test(
        "a workflow that hangs before its first byte times out",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        ]
    )
    func hangs(text: String) async throws {
        let closed = Gate()
        try await withWorkflow({ _ in [.request, .text(text), .untilClosed(closed)] }) { workflow, _ in
            let start = Instant.now
            await expect(workflow.failure(within: .milliseconds(200)), is: .timedOut)
            #expect(Instant.now - start >= .milliseconds(200))
            #expect(await closed.opened())
        }
    }

    @Test("connecting, the head and the first byte share one time limit")
    func oneLimit() async throws {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "X: yyyyyyyyyy\r\n", count: 50)
        let steps = text.utf8.map { [ScriptedServer.Step.send([$0]), .wait(milliseconds: 20)] }
        try await withWorkflow({ _ in [.request] + steps.flatMap { $0 } }) { workflow, _ in
            await expect(workflow.failure(within: .milliseconds(200)), is: .timedOut)
        }
    }

    @Test("a workflow that hangs midway is silent, and can be cancelled")
    func hangsMidway() async throws {
        let closed = Gate()
        try await withWorkflow({ _ in [.request, respond(200, content: "a"), .untilClosed(closed)] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes([UInt8(ascii: "a")]))
            try await expect(run.next(within: .milliseconds(50)), is: .silence)
            await run.cancel()
            #expect(await closed.opened())
            await expect(run.failure(), is: .cancelled)
        }
    }

    @Test("a workflow that stays silent times out, even if its reader waits in many short steps")
    func silent() async throws {
        let closed = Gate()
        let steps: [ScriptedServer.Step] = [.request, respond(200, content: "a"), .untilClosed(closed)]
        try await withWorkflow(silence: .seconds(2), { _ in steps }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes([UInt8(ascii: "a")]))
            let start = Instant.now
            var silences = 0
            var failure: WorkflowFailure?
            while failure == nil {
                do throws(WorkflowFailure) {
                    try await expect(run.next(within: .milliseconds(100)), is: .silence)
                    silences += 1
                } catch {
                    failure = error
                }
            }
            #expect(failure == .timedOut)
            #expect(silences > 0)
            #expect(Instant.now - start >= .seconds(2))
            #expect(await closed.opened())
        }
    }

    @Test(
        "a workflow that closes midway is unavailable, after the output that came",
        arguments: [
            respond(200, "content-length: 9", content: "part"),
            respond(200, "transfer-encoding: chunked", content: "4\r\npart\r\n"),
            respond(200, "transfer-encoding: chunked", content: "9\r\npart"),
            respond(200, "transfer-encoding: chunked", content: "4\r\npart\r\nno size"),
        ]
    )
    func closesMidway(step: ScriptedServer.Step) async throws {
        try await withWorkflow({ _ in [.request, step] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes(Array("part".utf8)))
            await expect(run.failure()?.isUnavailable, is: true)
            await run.cancel()
        }
    }

    @Test(
        "a workflow that closes early, or does not speak HTTP, is unavailable",
        arguments: [
            [], [.request], [.request, .reset], [.request, .text("HTTP/1.1 200 OK\r\n")],
            [.request, .text("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")],
            [.request, .text("nonsense\r\n\r\n")], [.request, .text("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")],
            [.request, .text("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n")],
            [.request, .text("HTTP/1.1 200 OK\r\n\(String(repeating: "x", count: 70_000))")],
        ] as [[ScriptedServer.Step]]
    )
    func closesEarly(script: [ScriptedServer.Step]) async throws {
        try await withWorkflow({ _ in script }) { workflow, server in
            await expect(workflow.failure()?.isUnavailable, is: true)
            #expect(server.connectionCount == 1)
        }
    }

    @Test("10 MB in one chunk wait at the workflow until they are read")
    func large() async throws {
        let size = 10_000_000
        let script: [ScriptedServer.Step] = [
            .request, respond(200, "transfer-encoding: chunked", content: String(size, radix: 16) + "\r\n"),
            .send([UInt8](repeating: 120, count: size)), .text("\r\n0\r\n\r\n"),
        ]
        try await withWorkflow({ _ in script }) { workflow, server in
            let run = try await workflow.start()
            #expect(await waitUntil { server.isBlocked })
            #expect(server.bytesSent < size)
            var count = 0
            while case .bytes(let bytes) = try await run.next() {
                count += bytes.count
                #expect(bytes.count <= 16 * 1024)
            }
            #expect(count == size)
        }
    }

    @Test("a cancelled start returns at once, and closes the connection", arguments: ["", "HTTP/1.1 200 OK\r\n\r\n"])
    func cancelledStart(text: String) async throws {
        let asked = Gate()
        let closed = Gate()
        try await withWorkflow({ _ in [.request, .text(text), .open(asked), .untilClosed(closed)] }) { workflow, _ in
            let task = Task { await workflow.failure(within: .seconds(60)) }
            #expect(await asked.opened())
            let start = Instant.now
            task.cancel()
            await expect(task.value, is: .cancelled)
            #expect(await closed.opened())
            #expect(closed.wasOpened(within: .seconds(1), of: start))
        }
    }

    @Test("a wait for output ends if its task or the run is cancelled", arguments: [false, true])
    func cancelledNext(byTask: Bool) async throws {
        let closed = Gate()
        try await withWorkflow({ _ in [.request, respond(200, content: "a"), .untilClosed(closed)] }) { workflow, _ in
            let run = try await workflow.start()
            try await expect(run.next(), is: .bytes([UInt8(ascii: "a")]))
            // On a loop, because the threads that all tests share may be busy for a while.
            let loop = try EventLoop()
            loop.runOnNewThread()
            defer { loop.stop() }
            let failure = Lock<WorkflowFailure?>(nil)
            let task = loop.start {
                let thrown = await run.failure(within: .seconds(60))
                failure.withLock { $0 = thrown }
            }
            let start = Instant.now
            if byTask { task.cancel() } else { await run.cancel() }
            await task.value
            #expect(failure.withLock { $0 } == .cancelled)
            #expect(await closed.opened())
            #expect(closed.wasOpened(within: .seconds(1), of: start))
        }
    }

    @Test("a run that was released is ended")
    func dropped() async throws {
        let closed = Gate()
        try await withWorkflow({ _ in [.request, respond(200, content: "a"), .untilClosed(closed)] }) { workflow, _ in
            _ = try await workflow.start()
            #expect(await closed.opened())
        }
    }
}
