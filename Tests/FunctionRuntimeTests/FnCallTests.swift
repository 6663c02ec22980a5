import FunctionCore
import FunctionPlatforms
import Support
import Testing

@testable import FunctionRuntime

@Suite("A call of Fn")
struct FnCallTests {
    private func call(_ method: String?, _ url: String?, _ others: Headers = [:]) throws -> Request {
        var headers = others
        if let method { headers.append("Fn-Http-Method", try #require(Headers.Value(method))) }
        if let url { headers.append("Fn-Http-Request-Url", try #require(Headers.Value(url))) }
        return Request(method: .post, path: "/call", headers: headers, body: .text("body"), id: "1")
    }

    @Test(
        "holds the request's path and query, without the part that names the app",
        arguments: [
            ("/t/app/api/v1/token?ttl=60&x=a?b", "/api/v1/token", "ttl=60&x=a?b"),
            ("http://fn.example:8080/t/app/api/v1/token?", "/api/v1/token", ""),
            ("https://gateway.example/api/v1/token", "/api/v1/token", nil),
            ("/api/%2Fv1//token", "/api/%2Fv1//token", nil),
            ("http://fn.example", "/", nil),
            ("http://fn.example?ttl=1", "/", "ttl=1"),
            ("/t/app/", "/", nil),
            ("/t/app", "/t/app", nil),
        ] as [(String, String, String?)]
    )
    func target(url: String, path: String, query: String?) throws {
        let request = try #require(FnCall.request(within: try call("GET", url)))
        #expect(request.method == .get)
        #expect(request.path == path)
        #expect(request.query == query)
    }

    @Test("holds the client's fields, also repeated ones, and none of the platform's")
    func fields() throws {
        let request = try #require(
            FnCall.request(
                within: try call(
                    "POST",
                    "/",
                    [
                        "Fn-Call-Id": "01", "Fn-Http-H-Authorization": "Bearer x", "Fn-Http-H-Cookie": "a=1",
                        "fn-http-h-cookie": "b=2", "Host": "localhost", "Content-Type": "text/plain",
                    ]
                )
            )
        )
        #expect(
            request.headers == [
                "authorization": "Bearer x", "cookie": "a=1", "cookie": "b=2", "content-type": "text/plain",
            ]
        )
    }

    @Test("without a trigger is a POST of its content")
    func noTrigger() throws {
        let request = try #require(FnCall.request(within: try call(nil, nil)))
        #expect(request.method == .post)
        #expect(request.path == "/")
    }

    @Test(
        "with a malformed method or URL is refused",
        arguments: [("G T", "/"), ("GET", "x"), ("GET", "/#a"), ("GET", "ftp://x/")]
    )
    func refused(method: String, url: String) throws {
        let request = try FnCall.request(within: call(method, url))
        #expect(request == nil)
    }

    @Test("returns a 200 that holds status, fields and content of the response")
    func wrapped() async throws {
        let response = Response(
            .unauthorized,
            headers: ["content-type": "application/json", "set-cookie": "a", "set-cookie": "b"],
            body: .text("{}")
        )
        let wrapped = FnCall.response(carrying: response)
        #expect(wrapped.status == .ok)
        #expect(
            wrapped.headers == [
                "fn-http-status": "401", "fn-http-h-content-type": "application/json", "fn-http-h-set-cookie": "a",
                "fn-http-h-set-cookie": "b", "content-type": "application/json",
            ]
        )
        try await expect(wrapped.body.collect(upTo: 2), is: Array("{}".utf8))
    }

    @Test(
        "comes over a socket whose URL has an absolute path of at most 107 bytes",
        arguments: [
            ("unix:/tmp/iofs/lsnr.sock", true), ("unix:///tmp/lsnr.sock", true), ("unix:/", false),
            ("unix:/tmp/", false),
            ("tcp:127.0.0.1:80", false), ("/tmp/lsnr.sock", false), ("unix:lsnr.sock", false),
            ("unix:/" + String(repeating: "a", count: 106), true),
            ("unix:/" + String(repeating: "a", count: 107), false),
        ]
    )
    func listeners(url: String, isTaken: Bool) {
        #expect((FnSocket(url) != nil) == isTaken)
    }
}
