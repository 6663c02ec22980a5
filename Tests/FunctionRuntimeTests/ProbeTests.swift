import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

@Suite("A probe")
struct ProbeTests {
    private struct Down: Error {}

    /// Serves while `body` runs, with the settings in `environment` but on a free port.
    private func serving(
        _ environment: [String: String] = ["HOST": "127.0.0.1"],
        isReady: Bool = true,
        _ body: @escaping @Sendable (RuntimeOptions) async throws -> Void
    ) async throws {
        var settings = Settings(environment: environment)
        var options = RuntimeOptions(&settings)
        options.loops = 1
        options.port = 0
        let server = try FunctionServer(options, sink: LogSink(descriptor: -1)) { _ in
            FunctionInstance(
                checkReadiness: { if !isReady { throw Down() } },
                handler: { _ in Response(.notFound) }
            )
        }
        options.port = server.address.port.map(Int.init) ?? 0
        try await server.serving { [options] _ in try await body(options) }
    }

    /// Runs the probe on a separate thread, because it blocks.
    private func failure(_ options: RuntimeOptions, limit: Interval = .seconds(10)) async throws -> String? {
        let loop = try EventLoop()
        try loop.startThread()
        defer { loop.stop() }
        return await withCheckedContinuation { continuation in
            loop.start { continuation.resume(returning: Probe.failure(options, limit: limit)) }
        }
    }

    @Test(
        "finds the process that serves with the same settings, whichever address it listens on",
        arguments: ["127.0.0.1", "0.0.0.0", "::", nil]
    )
    func ready(host: String?) async throws {
        try await serving(host.map { ["HOST": $0] } ?? [:]) { options in
            let failure = try await failure(options)
            #expect(failure == nil)
        }
    }

    @Test("fails if the process is not ready")
    func unready() async throws {
        try await serving(isReady: false) { options in
            let failure = try await failure(options)
            #expect(failure == "127.0.0.1:\(options.port): readiness returns 503")
        }
    }

    @Test("speaks Fn's contract on its socket", arguments: [true, false])
    func fn(isReady: Bool) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lsnr.sock"
        try await serving(["FN_LISTENER": "unix:\(path)"], isReady: isReady) { options in
            let failure = try await failure(options)
            #expect(failure == (isReady ? nil : "unix:\(path): readiness returns 503"))
        }
    }

    @Test("fails if nothing listens")
    func nobody() async throws {
        var options = RuntimeOptions()
        options.port = Int(try FreePort.find())
        let text = try #require(try await failure(options))
        #expect(text.hasPrefix("127.0.0.1:\(options.port) or [::1]:\(options.port): connect: "))
    }

    @Test("fails on another server, and on one that does not respond in time")
    func strangers() async throws {
        for (steps, cause) in [
            ([.request, .text("HTTP/1.1 404 Not Found\r\n\r\n")], "readiness returns 404"),
            ([.request, .text("SSH-2.0-OpenSSH\r\n")], "something other than this function listens there"),
            ([.request, .text("HTTP/1.1 ")], "something other than this function listens there"),
        ] as [([ScriptedServer.Step], String)] {
            try await ScriptedServer.run({ _ in steps }) { server in
                var options = RuntimeOptions()
                options.host = "127.0.0.1"
                options.port = Int(server.port)
                let failure = try await failure(options)
                #expect(failure == "127.0.0.1:\(server.port): \(cause)")
            }
        }
        let gate = Gate()
        try await ScriptedServer.run({ _ in [.request, .pause(gate)] }) { server in
            var options = RuntimeOptions()
            options.host = "127.0.0.1"
            options.port = Int(server.port)
            let cause = try await failure(options, limit: .milliseconds(50))
            #expect(cause == "127.0.0.1:\(server.port): recv: Connection timed out")
            gate.open()
        }
    }

    @Test("fails if there is no known address to connect to")
    func nothing() async throws {
        var options = RuntimeOptions()
        options.port = 0
        try await expect(failure(options)?.hasPrefix("PORT is 0: "), is: true)
        options.contract = ContractChoice(.lambda, because: "the test wants it")
        try await expect(failure(options)?.hasPrefix("under the contract lambda nothing listens"), is: true)
    }
}
