import FunctionCore
import FunctionPlatforms
import Testing

@Suite("Responses to events of AWS")
struct ResponseTests {
    private let response = Response(
        .ok,
        headers: ["vary": "a", "set-cookie": "a=1", "vary": "b", "set-cookie": "b=2", "content-type": "text/plain"]
    )

    private func encode(_ response: Response, _ body: [UInt8], _ kind: PlatformEvent.Kind) -> String {
        String(decoding: PlatformEvent.encode(response, body: body, for: kind), as: UTF8.self)
    }

    @Test(
        "each kind of event has its form of response",
        arguments: [
            (
                .gatewayV2,
                #"{"statusCode":200,"headers":{"vary":"a, b","content-type":"text/plain"},"cookies":["a=1","b=2"],"#
                    + #""body":"hé","isBase64Encoded":false}"#
            ),
            (
                .gatewayV1,
                #"{"statusCode":200,"headers":{"content-type":"text/plain"},"#
                    + #""multiValueHeaders":{"vary":["a","b"],"set-cookie":["a=1","b=2"]},"body":"hé","isBase64Encoded":false}"#
            ),
            (
                .loadBalancer,
                #"{"statusCode":200,"statusDescription":"200 OK","#
                    + #""headers":{"vary":"a, b","set-cookie":"b=2","content-type":"text/plain"},"#
                    + #""body":"hé","isBase64Encoded":false}"#
            ),
            (
                .multiValueLoadBalancer,
                #"{"statusCode":200,"statusDescription":"200 OK","#
                    + #""multiValueHeaders":{"vary":["a","b"],"set-cookie":["a=1","b=2"],"content-type":["text/plain"]},"#
                    + #""body":"hé","isBase64Encoded":false}"#
            ),
        ] as [(PlatformEvent.Kind, String)]
    )
    func forms(kind: PlatformEvent.Kind, json: String) {
        #expect(encode(response, Array("hé".utf8), kind) == json)
    }

    @Test("a prelude has headers and cookies, even if there are none")
    func prelude() {
        #expect(
            String(decoding: PlatformEvent.encodePrelude(response), as: UTF8.self)
                == #"{"statusCode":200,"headers":{"vary":"a, b","content-type":"text/plain"},"cookies":["a=1","b=2"]}"#
        )
        #expect(
            String(decoding: PlatformEvent.encodePrelude(Response(.badRequest)), as: UTF8.self)
                == #"{"statusCode":400,"headers":{},"cookies":[]}"#
        )
    }

    @Test("an empty repeated value leaves no blank at the end of a joined one")
    func emptyRepeat() {
        let json = encode(Response(.ok, headers: ["a": "1", "a": "", "b": "", "b": ""]), [], .gatewayV2)
        #expect(json.contains(#""headers":{"a":"1","b":""}"#))
    }

    @Test("a body that is not UTF-8 is encoded as base64")
    func binary() {
        #expect(encode(Response(.ok), [0xFF, 0x00], .gatewayV2).hasSuffix(#""body":"/wA=","isBase64Encoded":true}"#))
    }

    @Test("a status without a body leaves the body out", arguments: [Status.noContent, .notModified])
    func noBody(status: Status) {
        #expect(encode(Response(status), [0x61], .gatewayV1).hasSuffix(#""body":"","isBase64Encoded":false}"#))
    }

    @Test("fields that the platform sets are left out", arguments: PlatformEvent.Kind.allCases)
    func platforms(kind: PlatformEvent.Kind) {
        let headers: Headers = [
            "connection": "close", "Content-Length": "1", "transfer-encoding": "chunked", "date": "now",
            "upgrade": "h2c",
            "keep-alive": "1", "te": "trailers", "trailer": "a", "proxy-connection": "close",
        ]
        let json = encode(Response(.ok, headers: headers), [], kind)
        #expect(json.contains(kind == .multiValueLoadBalancer ? #""multiValueHeaders":{}"# : #""headers":{}"#))
    }

    @Test("a load balancer gets a phrase for every status")
    func phrase() {
        #expect(encode(Response(Status(299)), [], .loadBalancer).contains(#""statusDescription":"299 Unknown""#))
        #expect(encode(Response(.notFound), [], .loadBalancer).contains(#""statusDescription":"404 Not Found""#))
    }
}
