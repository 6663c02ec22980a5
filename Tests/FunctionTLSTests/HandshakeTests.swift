#if TLS
import FunctionEventLoop
import Support
import FunctionTLS
import Testing

@Suite("The TLS handshake")
struct HandshakeTests {
    @Test("is done by version 1.2 and by 1.3", arguments: ["TLSv1_2", "TLSv1_3"], ["localhost", "127.0.0.1"])
    func works(version: String, name: String) async throws {
        var manner = TLSFront.Manner()
        manner.versions = (version, version)
        try await withEcho(manner) { loop, port in
            let socket = try await Socket.connectTLS(port, on: loop, name: name)
            defer { socket.close() }
            try await socket.writeAll(Array("hello".utf8))
            #expect(try await socket.read(5) == Array("hello".utf8))
        }
    }

    @Test(
        "a certificate is refused with the reason",
        arguments: [
            ("expired", .expired), ("early", .notYetValid), ("alone", .selfSigned), ("stranger", .unknownAuthority),
            ("elsewhere", .otherName(wanted: "localhost")),
        ] as [(String, TLSError.CertificateProblem)]
    )
    func refuses(certificate: String, problem: TLSError.CertificateProblem) async throws {
        var manner = TLSFront.Manner()
        manner.certificate = certificate
        try await withEcho(manner) { loop, port in
            let error = await #expect(throws: TLSError.self) { try await Socket.connectTLS(port, on: loop) }
            #expect(error == .refused(problem))
            #expect(error?.description.contains("the server's certificate is refused: it") == true)
        }
    }

    @Test("a certificate is for an address only if it says so")
    func otherAddress() async throws {
        var manner = TLSFront.Manner()
        manner.certificate = "elsewhere"
        try await withEcho(manner) { loop, port in
            await #expect(throws: TLSError.refused(.otherName(wanted: "127.0.0.1"))) {
                try await Socket.connectTLS(port, on: loop, name: "127.0.0.1")
            }
            let socket = try await Socket.connectTLS(port, on: loop, name: "redis.example.")
            socket.close()
        }
    }

    @Test("of version 1.1 is told to be too old")
    func tooOld() async throws {
        let server = try OpenSSLServer(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        try await onLoop { loop in
            await #expect(throws: TLSError.protocolTooOld) { try await Socket.connectTLS(server.port, on: loop) }
        }
    }

    @Test("a client certificate that is wanted is shown", arguments: ["-tls1_2", "-tls1_3"])
    func clientCertificate(version: String) async throws {
        let server = try OpenSSLServer([version] + Self.wantsCertificate())
        try await onLoop { loop in
            let socket = try await Socket.connectTLS(server.port, on: loop, .ofTests(certificate: "client"))
            defer { socket.close() }
            server.say("welcome\n")
            #expect(try await socket.read(8) == Array("welcome\n".utf8))
        }
    }

    @Test(
        "a client certificate that is missing or not accepted is told",
        arguments: ["-tls1_2", "-tls1_3"],
        [nil, "outsider"]
    )
    func noClientCertificate(version: String, certificate: String?) async throws {
        let server = try OpenSSLServer([version] + Self.wantsCertificate())
        try await onLoop { loop in
            // By TLS 1.3 the client is done before the server has looked at it: then the first read says so.
            do {
                let socket = try await Socket.connectTLS(server.port, on: loop, .ofTests(certificate: certificate))
                defer { socket.close() }
                _ = try await socket.read()
                Issue.record("the server took it")
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

    @Test("where no TLS is spoken is told as such", arguments: ["HTTP/1.1 400 No\r\n\r\n", "-ERR unknown\r\n"])
    func noTLS(answer: String) async throws {
        let closed = Gate()
        let port = try await ScriptedServer.run({ _ in [.text(answer), .untilClosed(closed)] }) { server in
            try await onLoop { loop in
                await #expect(throws: TLSError.noTLS) { try await Socket.connectTLS(server.port, on: loop) }
            }
            return server.port
        }
        #expect(await waitUntil { openSockets(port: port) == [] })
    }

    @Test("with a Redis that speaks no TLS is told as such")
    func plainRedis() async throws {
        let redis = try RedisServer(.tcp)
        let port = try #require(redis.port)
        try await onLoop { loop in
            // It takes the handshake for the beginning of a command.
            let error = await #expect(throws: TLSError.noAnswer) {
                try await Socket.connectTLS(port, on: loop, within: .milliseconds(100))
            }
            #expect(error?.description.contains("does it speak TLS on this port?") == true)
        }
    }

    /// The beginning of a record with a ServerHello.
    private static let half: [UInt8] = [22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]

    @Test("ends at its deadline where the server stops", arguments: [[], half])
    func stops(sent: [UInt8]) async throws {
        let closed = Gate()
        try await ScriptedServer.run({ _ in [.send(sent), .untilClosed(closed)] }) { server in
            try await onLoop { loop in
                await #expect(throws: sent.isEmpty ? TLSError.noAnswer : .timedOut) {
                    try await Socket.connectTLS(server.port, on: loop, within: .milliseconds(100))
                }
            }
            #expect(await closed.opened())
        }
    }

    @Test("ends at its deadline where the server sends byte after byte")
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

    @Test("with a server that hangs up is told as lost")
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
