import FunctionCore
import FunctionEventLoop
import FunctionRuntime
import Glibc
import Support
import Testing

/// Runs a function's server with the settings in `environment` while `body` uses it; on `port` instead if it is given.
private func running(
    _ environment: [String: String],
    port: Int? = nil,
    handler: @escaping Handler,
    _ body: (FunctionServer) async throws -> Void
) async throws {
    var settings = Settings(environment: environment.merging(["LOG_LEVEL": "error"]) { $1 })
    var options = RuntimeOptions(&settings)
    if let port { options.port = port }
    #expect(settings.problems.isEmpty)
    let server = try FunctionServer(options, sink: LogSink(descriptor: -1)) { _ in FunctionInstance(handler: handler) }
    try await server.serving(body)
}

@Suite("Served under the contract of")
struct ContractServerTests {
    @Test("Fn, a function serves every user on the linked socket, also if an earlier process left one")
    func fn() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lsnr.sock"
        for _ in 1...2 {
            try await running(["FN_LISTENER": "unix:\(path)", "LOOPS": "2"]) { request in
                Response(Status(201), body: .text("\(request.method) \(request.path) \(request.query ?? "")"))
            } _: { _ in
                var status = stat()
                #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o666)
                let client = try RawClient(path: path)
                try await client.send(
                    "POST /call HTTP/1.1\r\nHost: localhost\r\nFn-Http-Method: PUT\r\n"
                        + "Fn-Http-Request-Url: /t/app/a?b=c\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                let response = try await client.receiveAll()
                #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n") && response.contains("\r\nfn-http-status: 201\r\n"))
                #expect(response.contains("\r\nfn-http-h-x-request-id: "))
                #expect(response.hasSuffix("\r\n\r\nPUT /a b=c"))
            }
        }
    }

    @Test("Fn, a refusal of the server itself is wrapped as well")
    func fnRefusal() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lsnr.sock"
        try await running(["FN_LISTENER": "unix:\(path)"]) { request in
            _ = try? await request.body.collect(upTo: 2 << 20)
            return Response(.ok)
        } _: { _ in
            let client = try RawClient(path: path)
            try await client.send("POST /call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n")
            let response = try await client.receiveAll()
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n") && response.contains("\r\nfn-http-status: 413\r\n"))
        }
    }

    @Test("Fn, a HEAD that the server refuses gets no content")
    func fnRefusedHead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lsnr.sock"
        try await running(["FN_LISTENER": "unix:\(path)"]) { _ in
            Response(.ok)
        } _: { _ in
            let client = try RawClient(path: path)
            try await client.send(
                "POST /call HTTP/1.1\r\nHost: localhost\r\nFn-Http-Method: HEAD\r\nContent-Length: 1048577\r\n\r\n"
            )
            let response = try await client.receiveAll()
            #expect(response.contains("\r\nfn-http-status: 413\r\n") && response.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("Fn, a missing folder is an error that names it")
    func fnFolder() async throws {
        var settings = Settings(environment: ["FN_LISTENER": "unix:/no/such/folder/lsnr.sock"])
        let options = RuntimeOptions(&settings)
        #expect {
            try FunctionServer(options) { _ in FunctionInstance { _ in Response(.ok) } }
        } throws: {
            "\($0)" == "cannot listen on /no/such/folder/lsnr.sock: bind: No such file or directory"
        }
    }

    @Test("Azure, a stream is sent as it comes, for a host that can pass it on")
    func azure() async throws {
        try await running(["FUNCTIONS_CUSTOMHANDLER_PORT": "7071"], port: 0) { _ in
            Response(.ok, body: .stream { writer in while true { try await writer.write(Array("more".utf8)) } })
        } _: { server in
            let client = try RawClient(port: try #require(server.address.port))
            try await client.send("GET /api/v1/token HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await client.receive(through: "more").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("OpenFaaS without its watchdog, a function serves the watchdog's health endpoints")
    func openFaaS() async throws {
        try await running(["PORT": "0", "HOST": "127.0.0.1"]) { _ in
            Response(.notFound)
        } _: { server in
            for path in ["/_/health", "/_/ready"] {
                let client = try RawClient(port: try #require(server.address.port))
                try await client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test(
        "Fn, which does not stream, a stream arrives as a whole, or an error does if it is too large or breaks off",
        arguments: [
            (6, false, "200", nil), (7, false, "502", "response_too_large"), (1, true, "502", "response_incomplete"),
        ] as [(Int, Bool, String, String?)]
    )
    func collected(mebibytes: Int, isBroken: Bool, status: String, code: String?) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lsnr.sock"
        try await running(["FN_LISTENER": "unix:\(path)"]) { request in
            Response(
                request.isCollected ? .ok : .notFound,
                body: .stream { writer in
                    for _ in 0..<mebibytes { try await writer.write([UInt8](repeating: 0x61, count: 1 << 20)) }
                    struct Broken: Error {}
                    if isBroken { throw Broken() }
                }
            )
        } _: { _ in
            let client = try RawClient(path: path)
            try await client.send(
                "POST /call HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            let response = try await client.receiveAll()
            #expect(response.contains("\r\nfn-http-status: \(status)\r\n"))
            if let code { #expect(response.hasSuffix("\"code\":\"\(code)\"}")) }
        }
    }
}
