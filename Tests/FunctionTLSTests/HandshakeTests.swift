#if TLS
import FunctionEventLoop
import Support
import FunctionTLS
import Testing

@Suite("The TLS handshake")
struct HandshakeTests {
    @Test("works with version 1.2 and with 1.3", arguments: ["TLSv1_2", "TLSv1_3"], ["localhost", "127.0.0.1"])
    func works(version: String, name: String) async throws {
        var options = TLSFront.Options()
        options.versions = (version, version)
        try await withEcho(options) { loop, port in
            let socket = try await Socket.connectTLS(port, on: loop, name: name)
            defer { socket.close() }
            try await socket.writeAll(Array("hello".utf8))
            try await expect(socket.read(5), is: Array("hello".utf8))
        }
    }

    @Test(
        "refuses a bad certificate and says why",
        arguments: [
            ("expired", .expired), ("early", .notYetValid), ("alone", .selfSigned), ("stranger", .unknownAuthority),
            ("elsewhere", .otherName(wanted: "localhost")),
        ] as [(String, TLSError.CertificateProblem)]
    )
    func refuses(certificate: String, problem: TLSError.CertificateProblem) async throws {
        var options = TLSFront.Options()
        options.certificate = certificate
        try await withEcho(options) { loop, port in
            let error = await #expect(throws: TLSError.self) { try await Socket.connectTLS(port, on: loop) }
            #expect(error == .refused(problem))
            #expect(error?.description.contains("the server's certificate is refused: it") == true)
        }
    }

    @Test("refuses a certificate for an address that it does not name")
    func otherAddress() async throws {
        var options = TLSFront.Options()
        options.certificate = "elsewhere"
        try await withEcho(options) { loop, port in
            await #expect(throws: TLSError.refused(.otherName(wanted: "127.0.0.1"))) {
                try await Socket.connectTLS(port, on: loop, name: "127.0.0.1")
            }
            let socket = try await Socket.connectTLS(port, on: loop, name: "redis.example.")
            socket.close()
        }
    }

    @Test("refuses version 1.1 as too old")
    func tooOld() async throws {
        let server = try OpenSSLServer(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        try await onLoop { loop in
            await #expect(throws: TLSError.protocolTooOld) { try await Socket.connectTLS(server.port, on: loop) }
        }
    }

    @Test("presents a client certificate if the server wants one", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificate(version: String) async throws {
        let server = try OpenSSLServer([version] + Self.wantsCertificate())
        try await onLoop { loop in
            let socket = try await Socket.connectTLS(server.port, on: loop, .ofTests(certificate: "client"))
            defer { socket.close() }
            server.say("welcome\n")
            try await expect(socket.read(8), is: Array("welcome\n".utf8))
        }
    }

    @Test(
        "reports a client certificate that is missing or not accepted",
        arguments: ["-tls1_2", "-tls1_3"],
        [nil, "outsider"]
    )
    func noClientCertificate(version: String, certificate: String?) async throws {
        let server = try OpenSSLServer([version] + Self.wantsCertificate())
        try await onLoop { loop in
            // In TLS 1.3 the client completes the handshake before the server checks the certificate, so that only the
            // first read throws.
            do {
                let socket = try await Socket.connectTLS(server.port, on: loop, .ofTests(certificate: certificate))
                defer { socket.close() }
                _ = try await socket.read()
                Issue.record("the server accepted it")
            } catch {
                let words = certificate == nil ? "the server wants a client certificate" : "refuses the client cert"
                #expect("\(error)".contains(words))
            }
            #expect(openSockets(port: server.port) == [])
        }
    }

    private static func wantsCertificate() throws -> [String] {
        ["-Verify", "1", "-verify_return_error", "-CAfile", try Certificates.shared.authority]
    }

    @Test("reports a server that does not speak TLS", arguments: ["HTTP/1.1 400 No\r\n\r\n", "-ERR unknown\r\n"])
    func noTLS(response: String) async throws {
        let closed = Gate()
        let port = try await ScriptedServer.run({ _ in [.text(response), .untilClosed(closed)] }) { server in
            try await onLoop { loop in
                await #expect(throws: TLSError.noTLS) { try await Socket.connectTLS(server.port, on: loop) }
            }
            return server.port
        }
        #expect(await waitUntil { openSockets(port: port) == [] })
    }

    @Test("reports a Redis that does not speak TLS")
    func plainRedis() async throws {
        let redis = try RedisServer(.tcp)
        let port = try #require(redis.port)
        try await onLoop { loop in
            // Redis reads the handshake as the beginning of a command and waits for the rest.
            let error = await #expect(throws: TLSError.noResponse) {
                try await Socket.connectTLS(port, on: loop, within: .milliseconds(100))
            }
            #expect(error?.description.contains("does it speak TLS on this port?") == true)
        }
    }

    /// The beginning of a record with a ServerHello.
    private static let half: [UInt8] = [22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]

    @Test("ends at its deadline if the server stops sending", arguments: [[], half])
    func stops(sent: [UInt8]) async throws {
        let closed = Gate()
        try await ScriptedServer.run({ _ in [.send(sent), .untilClosed(closed)] }) { server in
            try await onLoop { loop in
                await #expect(throws: sent.isEmpty ? TLSError.noResponse : .timedOut) {
                    try await Socket.connectTLS(server.port, on: loop, within: .milliseconds(100))
                }
            }
            #expect(await closed.opened())
        }
    }

    @Test("ends at its deadline even if the server keeps sending single bytes")
    func trickles() async throws {
        let steps = Array(repeating: [ScriptedServer.Step.send([0]), .wait(milliseconds: 1)], count: 5000)
        let hello: [UInt8] = [22, 3, 3, 0x3F, 0xFF, 2, 0, 0x3F, 0xFB]
        try await ScriptedServer.run({ _ in [.send(hello)] + steps.flatMap(\.self) }) { server in
            try await onLoop { loop in
                await #expect(throws: TLSError.timedOut) {
                    try await Socket.connectTLS(server.port, on: loop, within: .seconds(1))
                }
            }
        }
    }

    @Test("reports the connection as lost if the server closes it")
    func hangsUp() async throws {
        try await ScriptedServer.run({ _ in [] }) { server in
            try await onLoop { loop in
                let error = await #expect(throws: TLSError.self) { try await Socket.connectTLS(server.port, on: loop) }
                guard case .connectionLost? = error else { throw error ?? .failed("nothing was thrown") }
            }
        }
    }

    @Test("ends when its socket is closed")
    func closed() async throws {
        let gate = Gate()
        try await ScriptedServer.run({ _ in [.untilClosed(gate)] }) { server in
            try await onLoop { loop in
                let address = SocketAddress.loopback(server.port)
                let socket = try await Socket.connect(to: address, on: loop, until: .now + .seconds(30))
                loop.start {
                    await loop.sleep(until: .now + .milliseconds(20))
                    socket.close()
                }
                await #expect(throws: TLSError.interrupted) {
                    try await socket.startTLS(.ofTests(), serverName: "localhost", until: .now + .seconds(30))
                }
            }
            #expect(await gate.opened())
        }
    }
}
#endif
