#if TLS
import FunctionEventLoop
import Glibc
import Support
import FunctionTLS
import Testing

@Suite("A socket with TLS")
struct TLSSocketTests {
    @Test("carries megabytes both ways at once, intact", arguments: ["TLSv1_2", "TLSv1_3"])
    func carries(version: String) async throws {
        var options = TLSFront.Options()
        options.versions = (version, version)
        try await withEcho(options) { loop, port in
            let socket = try await Socket.connectTLS(port, on: loop)
            defer { socket.close() }
            let sent = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            async let writing: Void = socket.writeAll(sent)
            let received = try await socket.read(sent.count)
            try await writing
            #expect(received == sent)
        }
    }

    @Test("reads bytes that are already decrypted, though no more come")
    func decrypted() async throws {
        try await withEcho { loop, port in
            let socket = try await Socket.connectTLS(port, on: loop)
            defer { socket.close() }
            try await socket.writeAll(Array(repeating: 7, count: 10_000))
            // Many of these bytes came in one record; each read takes one.
            for _ in 0..<10_000 { try await require(socket.read(1), is: [7]) }
        }
    }

    @Test("accepts other bytes than before once there is room again")
    func otherBytes() async throws {
        try await withEcho { loop, port in
            let socket = try await Socket.connectTLS(port, on: loop)
            defer { socket.close() }
            let piece = [UInt8](repeating: 1, count: 16_384)
            var sent = 0
            // Do not read the echo, so that the buffers of both sides fill up.
            while let count = try socket.write(piece.span) {
                sent += count
                if sent > 256 << 20 { Issue.record("the buffers do not fill up"); return }
            }
            async let writing: Void = socket.writeAll([2])
            let received = try await socket.read(sent + 1)
            try await writing
            #expect(received.count == sent + 1)
            #expect(received.last == 2)
            #expect(received.dropLast().allSatisfy { $0 == 1 })
        }
    }

    @Test("throws at an end without close_notify, which an attacker could cause", arguments: [false, true])
    func ends(isAbrupt: Bool) async throws {
        var options = TLSFront.Options()
        options.isAbrupt = isAbrupt
        try await ScriptedServer.run({ _ in [.text("all"), .wait(milliseconds: 50)] }) { [options] server in
            let front = try TLSFront(to: server.port, options)
            try await onLoop { loop in
                let socket = try await Socket.connectTLS(front.port, on: loop)
                defer { socket.close() }
                if isAbrupt {
                    await #expect(throws: SystemError.self) { try await socket.read() }
                } else {
                    try await expect(socket.read(), is: Array("all".utf8))
                }
            }
        }
    }

    @Test("is quiet while only TLS' own messages come, and not once content or the end has come")
    func quiet() async throws {
        let gate = Gate()
        try await ScriptedServer.run({ _ in [.pause(gate), .text("x"), .wait(milliseconds: 10)] }) { server in
            // In TLS 1.3, session tickets come after the handshake.
            let front = try TLSFront(to: server.port)
            try await onLoop { loop in
                let socket = try await Socket.connectTLS(front.port, on: loop)
                defer { socket.close() }
                for _ in 0..<20 {
                    #expect(socket.isQuiet)
                    await loop.sleep(until: .now + .milliseconds(5))
                }
                gate.open()
                #expect(await waitUntil { await onItsLoop(loop) { !socket.isQuiet } })
                try await expect(socket.read(1), is: [UInt8(ascii: "x")])
                #expect(await waitUntil { await onItsLoop(loop) { !socket.isQuiet } })
                try await expect(socket.read(), is: [])
            }
        }
    }

    @Test("continues when the server changes keys in the middle of a write", arguments: ["K", "k"])
    func keyUpdate(command: String) async throws {
        let server = try OpenSSLServer(["-tls1_3"])
        try await onLoop { loop in
            let socket = try await Socket.connectTLS(server.port, on: loop)
            defer { socket.close() }
            for round in 0..<20 {
                server.say("\(command)\n")
                try await socket.writeAll(Array(repeating: 65, count: 1000))
                // By then it has read the command, which must not arrive together with the next line.
                #expect(await waitUntil { server.heard(1000 * (round + 1)) })
                server.say("round \(round)\n")
                let expected = Array("round \(round)\n".utf8)
                try await expect(socket.read(expected.count), is: expected)
            }
        }
    }

    @Test("refuses renegotiation, which TLS 1.2 would allow")
    func renegotiation() async throws {
        let server = try OpenSSLServer(["-tls1_2"])
        try await onLoop { loop in
            let socket = try await Socket.connectTLS(server.port, on: loop)
            defer { socket.close() }
            server.say("first\n")
            try await expect(socket.read(6), is: Array("first\n".utf8))
            server.say("r\n")
            try await socket.writeAll([65])
            #expect(await waitUntil { server.heard(1) })
            // The server receives the refusal, and then continues or closes.
            server.say("second\n")
            let more = try? await socket.read(7)
            #expect(more == nil || more == Array("second\n".utf8) || more == [])
        }
    }
}

private func onItsLoop(_ loop: EventLoop, _ body: @escaping @Sendable () -> Bool) async -> Bool {
    let result = Lock(false)
    await loop.start {
        let value = body()
        result.withLock { $0 = value }
    }.value
    return result.withLock { $0 }
}
#endif
