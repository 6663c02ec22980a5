import FunctionCore
import FunctionPlatforms
import Testing

@Suite("Events that the gateway simulator makes")
struct GatewaySimulatorTests {
    private let context = FrontContext(requestID: "id-1", time: 1_795_599_667_890, sourceIP: "192.0.2.1")

    private func event(_ kind: PlatformEvent.Kind, _ request: Request, _ body: [UInt8] = []) throws -> JSONObject {
        try JSONObject(reading: GatewaySimulator(kind: kind).event(for: request, body: body, context: context))
    }

    private func text(_ json: JSON?) -> String {
        json?.description ?? "absent"
    }

    @Test("a function URL's event has path and query unchanged, repeated fields joined, cookies separate")
    func functionURL() throws {
        let request = Request(
            method: .post,
            path: "/a%2Fb",
            query: "x=%20+&x=1&&y",
            headers: ["a": "1", "a": "2", "cookie": "a=1; b=2", "cookie": "c=3", "connection": "close"]
        )
        var event = try event(.gatewayV2, request)
        #expect(text(event["rawPath"]) == #""/a%2Fb""#)
        #expect(text(event["rawQueryString"]) == #""x=%20+&x=1&&y""#)
        #expect(text(event["queryStringParameters"]) == #"{"x":"  ,1","y":""}"#)
        #expect(text(event["cookies"]) == #"["a=1","b=2","c=3"]"#)
        #expect(
            text(event["headers"])
                == #"{"a":"1,2","x-forwarded-for":"192.0.2.1","x-forwarded-port":"443","x-forwarded-proto":"https"}"#
        )
        var requestContext = try #require(try event.nested("requestContext"))
        #expect(text(requestContext["time"]) == #""25/Nov/2026:09:41:07 +0000""#)
        #expect(text(requestContext["timeEpoch"]) == "1795599667890")
        #expect(text(requestContext["requestId"]) == #""id-1""#)
        #expect(text(event["body"]) == "absent")
        #expect(text(event["isBase64Encoded"]) == "false")
    }

    @Test("a REST API's event has the query decoded, the last and all values, and null for missing parts")
    func restAPI() throws {
        var event = try event(.gatewayV1, Request(path: "/a", query: "x=%20+&x=1&&y", headers: ["a": "1", "a": "2"]))
        #expect(text(event["resource"]) == #""/{proxy+}""#)
        #expect(text(event["queryStringParameters"]) == #"{"x":"1","y":""}"#)
        #expect(text(event["multiValueQueryStringParameters"]) == #"{"x":["  ","1"],"y":[""]}"#)
        #expect(text(event["headers"]).hasPrefix(#"{"a":"2","#))
        #expect(text(event["multiValueHeaders"]).hasPrefix(#"{"a":["1","2"],"#))
        #expect(text(event["pathParameters"]) == #"{"proxy":"a"}"#)
        #expect(text(event["body"]) == "null")
        var requestContext = try #require(try event.nested("requestContext"))
        #expect(text(requestContext["path"]) == #""/prod/a""#)
        event = try self.event(.gatewayV1, Request(path: "/"))
        #expect(text(event["queryStringParameters"]) == "null")
        #expect(text(event["pathParameters"]) == "null")
    }

    @Test("a load balancer's event has the query's values not decoded")
    func loadBalancer() throws {
        let request = Request(path: "/a", query: "x=%20+&x=1=&&y", headers: ["a": "1", "a": "2"])
        var single = try event(.loadBalancer, request)
        #expect(text(single["queryStringParameters"]) == #"{"x":"1=","y":""}"#)
        #expect(text(single["headers"]).hasPrefix(#"{"a":"2","#))
        #expect(text(single["multiValueHeaders"]) == "absent")
        #expect(text(single["body"]) == #""""#)
        var multiple = try event(.multiValueLoadBalancer, request)
        #expect(text(multiple["multiValueQueryStringParameters"]) == #"{"x":["%20+","1="],"y":[""]}"#)
        #expect(text(multiple["multiValueHeaders"]).hasPrefix(#"{"a":["1","2"],"#))
        #expect(text(multiple["headers"]) == "absent")
    }

    @Test(
        "a body is text if its type is text and its bytes are UTF-8",
        arguments: [
            ("text/plain; charset=utf-8", "", Array("é".utf8), false), ("Application/JSON", "", [0x61], false),
            ("application/x-www-form-urlencoded", "", [0x61], true), ("", "", [0x61], true),
            ("text/plain", "gzip", [0x61], true), ("text/plain", "", [0xFF], true),
        ] as [(String, String, [UInt8], Bool)]
    )
    func body(type: String, coding: String, bytes: [UInt8], isBase64: Bool) throws {
        var headers: Headers = [:]
        if !type.isEmpty { headers[.contentType] = Headers.Value(type) }
        if !coding.isEmpty { headers["content-encoding"] = Headers.Value(coding) }
        for kind in [PlatformEvent.Kind.gatewayV2, .loadBalancer, .multiValueLoadBalancer] {
            var event = try event(kind, Request(method: .post, path: "/", headers: headers), bytes)
            #expect(event["isBase64Encoded"] == .bool(isBase64))
        }
        var event = try event(.gatewayV1, Request(method: .post, path: "/", headers: headers), bytes)
        #expect(event["isBase64Encoded"] == .bool(bytes == [0xFF]))
    }

    @Test("the client's address is added after those of proxies")
    func forwarded() throws {
        let request = Request(path: "*", headers: ["x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "http"])
        var event = try event(.loadBalancer, request)
        #expect(
            text(event["headers"])
                == #"{"x-forwarded-for":"198.51.100.1, 192.0.2.1","x-forwarded-proto":"https","x-forwarded-port":"443"}"#
        )
        #expect(text(event["path"]) == #""/""#)
    }

    @Test(
        "the request time has the common log format",
        arguments: [
            (0, "01/Jan/1970:00:00:00 +0000"), (-1, "01/Jan/1970:00:00:00 +0000"),
            (951_782_399_999, "28/Feb/2000:23:59:59 +0000"), (951_782_400_000, "29/Feb/2000:00:00:00 +0000"),
            (951_868_800_000, "01/Mar/2000:00:00:00 +0000"), (4_107_542_400_000, "01/Mar/2100:00:00:00 +0000"),
            (1_798_761_599_000, "31/Dec/2026:23:59:59 +0000"),
        ]
    )
    func time(milliseconds: Int, text: String) throws {
        let context = FrontContext(requestID: "1", time: milliseconds, sourceIP: "192.0.2.1")
        let bytes = GatewaySimulator(kind: .gatewayV1).event(for: Request(path: "/"), body: [], context: context)
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""requestTime":"\#(text)""#))
    }
}
