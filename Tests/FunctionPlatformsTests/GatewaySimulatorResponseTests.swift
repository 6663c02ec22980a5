import FunctionCore
import FunctionPlatforms
import Support
import Testing

@Suite("The client's response on AWS")
struct GatewaySimulatorResponseTests {
    private func response(_ kind: PlatformEvent.Kind, _ text: String) throws(PlatformEventError) -> Response {
        try GatewaySimulator(kind: kind).response(from: Array(text.utf8))
    }

    private func body(_ response: Response) async throws -> [UInt8] {
        try await response.body.collect(upTo: 1 << 20)
    }

    @Test("format 2.0 has cookies beside the headers")
    func gatewayV2() async throws {
        let response = try response(
            .gatewayV2,
            #"{"statusCode":201,"headers":{"A":"b","n":1,"t":true,"Date":"x"},"cookies":["a=1","b=2"],"body":"hi"}"#
        )
        #expect(response.status == Status(201))
        #expect(response.headers == ["a": "b", "n": "1", "t": "true", "set-cookie": "a=1", "set-cookie": "b=2"])
        try await expect(body(response), is: Array("hi".utf8))
    }

    @Test("in format 1.0 a field in both headers and multiValueHeaders counts once")
    func gatewayV1() throws {
        let response = try response(
            .gatewayV1,
            #"{"statusCode":"200","headers":{"a":"1","b":"2"},"multiValueHeaders":{"A":["1","3"]},"cookies":["c=d"]}"#
        )
        #expect(response.headers == ["b": "2", "a": "1", "a": "3"])
    }

    @Test("a load balancer reads only the headers that match its setting")
    func loadBalancer() throws {
        let text = #"{"statusCode":200,"headers":{"a":"1"},"multiValueHeaders":{"b":["2","3"]},"body":null}"#
        try expect(response(.loadBalancer, text).headers, is: ["a": "1"])
        try expect(response(.multiValueLoadBalancer, text).headers, is: ["b": "2", "b": "3"])
    }

    @Test("a base64 body is decoded; a status without a body has none")
    func bodies() async throws {
        let binary = try response(.loadBalancer, #"{"statusCode":200,"body":"/w==","isBase64Encoded":true}"#)
        try await expect(body(binary), is: [0xFF])
        let lines = try response(.gatewayV1, #"{"statusCode":200,"body":"/w\n==\n","isBase64Encoded":"true"}"#)
        try await expect(body(lines), is: [0xFF])
        try expect(response(.gatewayV2, #"{"statusCode":304,"body":"a"}"#).body.length, is: 0)
    }

    @Test(
        "in format 2.0 output without a status is itself the body",
        arguments: [(#""hi""#, "hi"), (#"{"a": 1}"#, #"{"a": 1}"#), ("[1]", "[1]"), ("null", "null")]
    )
    func implied(text: String, content: String) async throws {
        let response = try response(.gatewayV2, text)
        #expect(response.status == .ok)
        #expect(response.headers == ["content-type": "application/json"])
        try await expect(body(response), is: Array(content.utf8))
    }

    @Test(
        "output that a platform does not accept is refused with the place of the fault",
        arguments: [
            (.gatewayV1, "{}", "#:"), (.loadBalancer, #"{"statusCode":"200"}"#, "#/statusCode:"),
            (.gatewayV1, #""hi""#, "#:"), (.gatewayV2, "hi", "1:1:"), (.loadBalancer, "", "1:1:"),
            (.gatewayV2, #"{"statusCode":99}"#, "#/statusCode:"), (.gatewayV2, #"{"statusCode":600}"#, "#/statusCode:"),
            (.gatewayV1, #"{"statusCode":200.5}"#, "#/statusCode:"),
            (.gatewayV1, #"{"statusCode":"+20"}"#, "#/statusCode:"),
            (.gatewayV2, #"{"statusCode":200,"body":{}}"#, "#/body:"),
            (.gatewayV2, #"{"statusCode":200,"cookies":["a\n"]}"#, "#/cookies/0:"),
            (.gatewayV2, #"{"statusCode":200,"headers":{"a":["b"]}}"#, "#/headers/a:"),
            (.gatewayV1, #"{"statusCode":200,"multiValueHeaders":{"a":"b"}}"#, "#/multiValueHeaders/a:"),
            (
                .multiValueLoadBalancer, #"{"statusCode":200,"multiValueHeaders":{"a":["b\r"]}}"#,
                "#/multiValueHeaders/a/0:"
            ),
            (.loadBalancer, #"{"statusCode":200,"body":"_","isBase64Encoded":true}"#, "#/body:"),
        ] as [(PlatformEvent.Kind, String, String)]
    )
    func refused(kind: PlatformEvent.Kind, text: String, place: String) {
        let error = #expect(throws: PlatformEventError.self) { try response(kind, text) }
        #expect(error?.description.hasPrefix(place) == true, "\(String(describing: error))")
    }

    @Test("a load balancer accepts 1 MiB, the others 6 MiB", arguments: PlatformEvent.Kind.allCases)
    func limit(kind: PlatformEvent.Kind) {
        let bytes = [UInt8](repeating: 0x20, count: kind.responseLimit + 1)
        #expect(throws: PlatformEventError.tooLong(limit: kind.responseLimit)) {
            try GatewaySimulator(kind: kind).response(from: bytes)
        }
    }

    @Test("a streamed response's prelude has status, headers and cookies, all optional")
    func prelude() throws {
        let front = GatewaySimulator(kind: .gatewayV2)
        let response = Response(Status(201), headers: ["a": "b", "a": "c", "set-cookie": "a=1", "set-cookie": "b=2"])
        let head = try front.streamedHead(from: PlatformEvent.encodePrelude(response))
        #expect(head.status == Status(201))
        #expect(head.headers == ["a": "b, c", "set-cookie": "a=1", "set-cookie": "b=2"])
        try expect(front.streamedHead(from: Array("{}".utf8)).status, is: .ok)
        let multiple = Array(#"{"multiValueHeaders":{"a":["b","c"]},"cookies":["d=1"]}"#.utf8)
        let headers: Headers = ["a": "b", "a": "c", "set-cookie": "d=1"]
        try expect(GatewaySimulator(kind: .gatewayV1).streamedHead(from: multiple).headers, is: headers)
        #expect(throws: PlatformEventError.self) { try front.streamedHead(from: Array("{".utf8)) }
    }
}
