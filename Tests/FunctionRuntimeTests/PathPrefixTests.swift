import FunctionCore
import FunctionEventLoop
import Support
import Testing

@testable import FunctionRuntime

@Suite("PATH_PREFIX")
struct PathPrefixTests {
    /// Serves a function that returns the path of the request, and has `/own` and the paths below as its own.
    private func serving(
        _ prefix: String,
        log: LogSink = LogSink(descriptor: -1),
        _ body: (_ ask: (String) async throws -> String) async throws -> Void
    ) async throws {
        var settings = Settings(environment: ["PATH_PREFIX": prefix, "HOST": "127.0.0.1", "PORT": "0", "LOOPS": "1"])
        let options = RuntimeOptions(&settings)
        #expect(settings.problems == [])
        let server = try FunctionServer(options, sink: log) { _ in
            var instance = FunctionInstance { Response(.ok, body: .text("at \($0.path)")) }
            instance.knowsPath = { $0 == "/own" || $0.hasPrefix("/own/") }
            return instance
        }
        try await server.serving { server in
            let port = server.address.port ?? 0
            try await body { path in
                let client = try RawClient(port: port)
                try await client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return try await client.receiveAll()
            }
        }
    }

    @Test(
        "is removed by whole segments, and a path without it is served as it is",
        arguments: [
            ("/base", "/base/a/b?c", "/a/b"), ("base/", "/base/a", "/a"), (" /base\n", "/base", "/"),
            ("/base", "/base/", "/"),
            ("/base", "/a", "/a"), ("/base", "/based/a", "/based/a"), ("/base", "/a/base", "/a/base"),
            ("/base", "/base/base/a", "/base/a"), ("/a/b", "/a/b/c", "/c"), ("/a%20b", "/a%20b/c", "/c"),
            ("/", "/a", "/a"),
            ("/own", "/own/a", "/own/a"), ("/own", "/own", "/own"),
        ]
    )
    func taken(prefix: String, target: String, path: String) async throws {
        try await serving(prefix) { ask in
            let response = try await ask(target)
            #expect(response.hasSuffix("\r\n\r\nat \(path)"))
        }
    }

    @Test("is optional for health")
    func health() async throws {
        try await serving("/base") { ask in
            for path in ["/base/health/liveness", "/health/liveness", "/base/_/health", "/base/health/readiness"] {
                let response = try await ask(path)
                #expect(response.hasSuffix(#"{"status":"ok"}"#))
            }
        }
    }
}
