#if TLS
import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionTLS
import Support
import Testing

@testable import LocalRuntimeReplay

@Suite("Replay against deployed functions over TLS")
struct DeployedReplayTLSTests {
    @Test("https is used if the certificate is trusted; otherwise the replay says why not")
    func https() async throws {
        let response = ScriptedServer.Step.text("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        try await ScriptedServer.run({ _ in [.request, response] }) { server in
            let front = try TLSFront(to: server.port)
            let origin = Origin(host: "localhost", port: front.port, isSecure: true)
            try await expect(Self.said(at: origin, .ofTests()), is: "200 ok")
            #expect(try await Self.said(at: origin, TLSContext()).contains("certificate"))
            #expect(server.requests.count == 1)
        }
    }

    private static func said(at origin: Origin, _ tls: TLSContext) async throws -> String {
        let loop = try EventLoop()
        loop.runOnNewThread()
        defer { loop.stop() }
        let said = Lock("")
        await loop.start {
            let text: String
            do {
                let transfer = WebTransfer(on: loop, tls: tls)
                let response = try await transfer.response(to: Request(method: .get, path: "/"), at: origin)
                let body = try await response.body.collect(upTo: 100)
                text = "\(response.status.code) \(String(decoding: body, as: UTF8.self))"
            } catch {
                text = "\(error)"
            }
            said.withLock { $0 = text }
        }.value
        return said.withLock { $0 }
    }
}
#endif
