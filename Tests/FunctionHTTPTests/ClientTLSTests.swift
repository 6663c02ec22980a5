#if TLS
import FunctionEventLoop
import FunctionCore
import Support
import FunctionTLS
import Testing

@testable import FunctionHTTP

private let okay = ScriptedServer.Step.text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

@Suite("The client over https")
struct ClientTLSTests {
    @Test("reuses a connection, whatever TLS has sent on it meanwhile", arguments: ["TLSv1_2", "TLSv1_3"])
    func reuse(version: String) async throws {
        var tls = TLSFront.Options()
        tls.versions = (version, version)
        try await withSecure(tls: tls, { _ in Array(repeating: [.request, okay], count: 5).flatMap(\.self) }) {
            client,
            origin,
            server in
            for _ in 0..<5 {
                try await expect(client.get(origin).text(), is: "ok")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(server.connectionCount == 1)
            #expect(server.requests[0] == "GET /path HTTP/1.1\r\nhost: localhost:\(origin.port)\r\n\r\n")
        }
    }

    @Test("connects again if the server has closed the idle connection")
    func closedIdle() async throws {
        try await withSecure({ _ in [.request, okay] }) { client, origin, server in
            for count in 1...3 {
                try await expect(client.get(origin).text(), is: "ok")
                #expect(server.connectionCount == count)
                // The close passes through the TLS front first.
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    @Test("sends and receives bodies of several megabytes")
    func bodies() async throws {
        let size = 4 << 20
        let wire =
            Array("HTTP/1.1 200 OK\r\ncontent-length: \(size)\r\n\r\n".utf8) + Array(repeating: 120, count: size)
        try await withSecure({ _ in [.request, .send(wire), .request, .send(wire)] }) { client, origin, server in
            for _ in 0..<2 {
                let text = try await client.get(origin, body: Array(repeating: 121, count: size)).text()
                #expect(text.utf8.count == size && text.utf8.allSatisfy { $0 == 120 })
            }
            #expect(server.connectionCount == 1)
            #expect(
                server.requests.allSatisfy { $0.hasSuffix(String(repeating: "y", count: 1000)) && $0.utf8.count > size }
            )
        }
    }

    @Test("a body that ends with the connection is complete only if TLS ends too", arguments: [false, true])
    func cutOff(isAbrupt: Bool) async throws {
        var tls = TLSFront.Options()
        tls.isAbrupt = isAbrupt
        let wire = ScriptedServer.Step.text("HTTP/1.1 200 OK\r\n\r\nall")
        let script: [ScriptedServer.Step] = [.request, wire, .wait(milliseconds: 50)]
        try await withSecure(tls: tls, { _ in script }) { client, origin, _ in
            let response = try await client.get(origin)
            if isAbrupt {
                await expect(clientError { try await response.text() }, is: .connectionLost)
            } else {
                try await expect(response.text(), is: "all")
            }
        }
    }

    @Test(
        "the error for a refused certificate has the reason",
        arguments: [("expired", "it has expired"), ("elsewhere", "it is for another name than localhost")]
    )
    func refused(certificate: String, reason: String) async throws {
        var tls = TLSFront.Options()
        tls.certificate = certificate
        try await withSecure(tls: tls, { _ in [.request, okay] }) { client, origin, server in
            let error = await clientError { try await client.get(origin) }
            #expect(error?.description.contains("the server's certificate is refused: \(reason)") == true)
            #expect(server.requests == [])
        }
    }

    @Test("stops waiting for the handshake at the deadline and on cancellation")
    func silent() async throws {
        let closed = [Gate(), Gate()]
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let port = try await ScriptedServer.run({ [.untilClosed(closed[$0 - 1])] }) { server in
            let client = Client(on: loop)
            let origin = Origin(host: "127.0.0.1", port: server.port, isSecure: true)
            await expect(clientError { try await client.get(origin, within: .milliseconds(100)) }, is: .timedOut)
            #expect(await closed[0].opened())
            let asking = Task { await clientError { try await client.get(origin) } }
            #expect(await waitUntil { server.connectionCount == 2 })
            let start = Instant.now
            asking.cancel()
            await expect(asking.value, is: .cancelled)
            #expect(await closed[1].opened())
            #expect(closed[1].wasOpened(within: .seconds(10), of: start))
            return server.port
        }
        #expect(await waitUntil { openSockets(port: port) == [] })
    }

    @Test("keeps secure and plain idle connections apart")
    func apart() {
        let plain = Origin(host: "h", port: 443)
        let secure = Origin(host: "h", isSecure: true)
        var idle = IdleConnections<Int>(limit: 1, timeout: .seconds(1))
        let now = Instant(nanoseconds: 0)
        #expect(idle.add(1, to: secure, now: now) == nil)
        #expect(idle.take(plain, now: now) == nil)
        #expect(idle.take(secure, now: now) == 1)
        #expect(secure.port == 443 && secure.description == "h" && plain.description == "h:443")
    }
}

/// Runs `body` with a client that trusts the tests' certificate authority and a server that plays `script` over TLS.
private func withSecure(
    tls: TLSFront.Options = TLSFront.Options(),
    _ script: @escaping @Sendable (_ connection: Int) -> [ScriptedServer.Step],
    _ body: (Client, Origin, ScriptedServer) async throws -> Void
) async throws {
    let loop = try EventLoop()
    loop.runOnNewThread()
    defer { loop.stop() }
    let port = try await ScriptedServer.run(script) { server in
        let front = try TLSFront(to: server.port, tls)
        var options = ClientOptions.longTimeouts
        options.tls = try .ofTests()
        let client = Client(on: loop, options: options)
        try await body(client, Origin(host: "localhost", port: front.port, isSecure: true), server)
        await client.closeIdle()
        return front.port
    }
    #expect(await waitUntil { openSockets(port: port) == [] }, "a descriptor stays open")
}

extension Client {
    fileprivate nonisolated func get(
        _ origin: Origin,
        body: [UInt8]? = nil,
        within limit: Interval = .seconds(60)
    ) async throws(ClientError) -> ClientResponse {
        // The target is legal.
        let request = ClientRequest(body == nil ? .get : .post, "/path", body: body ?? [])!
        return try await send(request, to: origin, until: .now + limit)
    }
}
#endif
