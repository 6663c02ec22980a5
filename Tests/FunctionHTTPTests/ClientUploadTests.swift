import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionHTTP

@Suite("Uploads of the client")
struct ClientUploadTests {
    private static let accepted = ScriptedServer.Step.text("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")
    private static let timeout = Interval.seconds(60)

    private func open(
        _ client: Client,
        _ server: ScriptedServer,
        first: String = "",
        announcing trailers: [Headers.Name] = []
    ) async throws -> ClientUpload {
        let request = try #require(ClientRequest(.post, "/up", headers: ["x-a": "1"], body: Array(first.utf8)))
        let origin = Origin(host: "127.0.0.1", port: server.port)
        return try await client.open(request, announcing: trailers, to: origin, until: .now + Self.timeout)
    }

    @Test("are sent in chunks as they are written, then the trailers; the connection is reused")
    func chunks() async throws {
        try await withClient { _ in
            [.request, Self.accepted, .request, Self.accepted]
        } _: { client, server in
            for _ in 1...2 {
                let upload = try await open(client, server, first: "{}", announcing: ["x-sum", "x-end"])
                try await upload.write(Array(repeating: 0, count: 8))
                try await upload.write([])
                try await upload.write(Array("words".utf8))
                let response = try await upload.finish(trailers: ["x-sum": "15"], until: .now + Self.timeout)
                #expect(response.status.code == 202)
                try await expect(response.text(), is: "ok")
            }
            let wire =
                "POST /up HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\nx-a: 1\r\ntrailer: x-sum, x-end\r\n"
                + "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n8\r\n\0\0\0\0\0\0\0\0\r\n5\r\nwords\r\n"
                + "0\r\nx-sum: 15\r\n\r\n"
            #expect(server.requests == [wire, wire])
            #expect(server.connectionCount == 1)
        }
    }

    @Test("go no faster than the server takes them, and arrive completely")
    func backpressure() async throws {
        let gate = Gate()
        try await withClient { _ in
            [.head, .pause(gate), .request, Self.accepted]
        } _: { client, server in
            let upload = try await open(client, server)
            let written = Lock(0)
            let piece = [UInt8](repeating: 0x61, count: 64 * 1024)
            let count = 64
            let writing = client.loop.start {
                for _ in 1...count {
                    guard (try? await upload.write(piece)) != nil else { return }
                    written.withLock { $0 += 1 }
                }
            }
            var before = -1
            // Until no more is written.
            #expect(
                await waitUntil {
                    defer { before = written.withLock { $0 } }
                    return before > 0 && before == written.withLock { $0 }
                }
            )
            #expect(written.withLock { $0 } < count)
            gate.open()
            await writing.value
            _ = try await upload.finish(until: .now + Self.timeout)
            #expect(server.requests.first?.utf8.count { $0 == 0x61 } ?? 0 > count * piece.count)
        }
    }

    @Test(
        "end when the server responds early, and that response is read",
        arguments: [[], [.reset], [.wait(milliseconds: 1)]] as [[ScriptedServer.Step]]
    )
    func earlyResponse(end: [ScriptedServer.Step]) async throws {
        let closed = Gate()
        try await withClient { _ in
            [.head, .text("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\ntoo")]
                + (end.isEmpty ? [.untilClosed(closed)] : end)
        } _: { client, server in
            let upload = try await open(client, server)
            let piece = [UInt8](repeating: 0x61, count: 64 * 1024)
            let error = await clientError {
                while true { try await upload.write(piece) }
            }
            #expect(error == .connectionLost)
            await expect(clientError { try await upload.write(piece) }, is: .connectionLost)
            let response = try await upload.finish(until: .now + Self.timeout)
            #expect(response.status == .contentTooLarge)
            try await expect(response.text(), is: "too")
            await expect(client.idleCount, is: 0)
        }
    }

    @Test("fail when the server closes the connection without a response")
    func closed() async throws {
        try await withClient { _ in
            [.head]
        } _: { client, server in
            let upload = try await open(client, server)
            let error = await clientError {
                while true { try await upload.write(Array(repeating: 0x61, count: 64 * 1024)) }
            }
            #expect(error == .connectionLost)
            await expect(clientError { try await upload.finish(until: .now + Self.timeout) }, is: .connectionLost)
        }
    }

    @Test("can still be finished without loss after a write was cancelled for lack of room")
    func cancelledTask() async throws {
        let gate = Gate()
        try await withClient { _ in
            [.head, .pause(gate), .request, Self.accepted]
        } _: { client, server in
            let upload = try await open(client, server)
            let errors = Lock<[ClientError]>([])
            let written = Lock(0)
            let writing = client.loop.start {
                while errors.withLock({ $0.count }) < 2 {
                    do throws(ClientError) {
                        try await upload.write(Array(repeating: 0x61, count: 64 * 1024))
                        written.withLock { $0 += 1 }
                    } catch {
                        errors.withLock { $0.append(error) }
                    }
                }
            }
            #expect(await waitUntil { written.withLock { $0 } > 0 })
            writing.cancel()
            await writing.value
            #expect(errors.withLock { $0 } == [.cancelled, .cancelled])
            gate.open()
            let response = try await upload.finish(trailers: ["x-end": "early"], until: .now + Self.timeout)
            #expect(response.status.code == 202)
            let content = try #require(server.requests.first)
            #expect(content.hasSuffix("\r\n0\r\nx-end: early\r\n\r\n"))
            #expect(content.utf8.count { $0 == 0x61 } >= (written.withLock { $0 } + 1) * 64 * 1024)
        }
    }

    @Test("time out if they cannot be finished by the deadline, and their connection is closed")
    func timeOut() async throws {
        let closed = Gate()
        try await withClient { _ in
            [.head, .untilClosed(closed)]
        } _: { client, server in
            let upload = try await open(client, server)
            try await upload.write([1])
            await expect(clientError { try await upload.finish(until: .now + .milliseconds(20)) }, is: .timedOut)
            #expect(await closed.opened())
        }
    }

    @Test("close their connection within the content when they are cancelled")
    func cancelled() async throws {
        let closed = Gate()
        try await withClient { _ in
            [.head, .untilClosed(closed)]
        } _: { client, server in
            let upload = try await open(client, server)
            upload.cancel()
            #expect(await closed.opened())
            await expect(clientError { try await upload.finish(until: .now + Self.timeout) }, is: .cancelled)
        }
    }
}
