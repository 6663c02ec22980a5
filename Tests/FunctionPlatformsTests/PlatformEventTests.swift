import FunctionCore
import FunctionPlatforms
import Support
import Testing

@Suite("Requests from events of AWS")
struct PlatformEventTests {
    private func read(_ text: String) throws(PlatformEventError) -> PlatformEvent {
        try PlatformEvent(reading: Array(text.utf8))
    }

    private func body(of event: PlatformEvent) async throws -> String {
        String(decoding: try await event.request.body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test("an HTTP API's event gives every part of a request")
    func httpAPI() async throws {
        let event = try read(RecordedEvents.httpAPI)
        #expect(event.kind == .gatewayV2)
        #expect(event.request.method == .post)
        #expect(event.request.path == "/my/path")
        #expect(event.request.query == "parameter1=value1&parameter1=value2&parameter2=value")
        #expect(
            event.request.headers == ["header1": "value1", "header2": "value1,value2", "cookie": "cookie1; cookie2=2"]
        )
        #expect(event.request.id == "JKJaXmPLvHcESHA=")
        try await expect(body(of: event), is: "Hello from Lambda")
    }

    @Test("a function URL's event keeps path and query unchanged")
    func functionURL() async throws {
        let event = try read(RecordedEvents.functionURL)
        #expect(event.kind == .gatewayV2)
        #expect(event.request.method == .put)
        #expect(event.request.path == "/a%2Fb%20c")
        #expect(event.request.query == "x=%20+&x=1&&y")
        #expect(event.request.headers["host"] == "abc.lambda-url.eu-central-1.on.aws")
        try await expect(body(of: event), is: "hé")
    }

    @Test("a REST API's event keeps repeated fields, and its query is encoded again")
    func restAPI() async throws {
        let event = try read(RecordedEvents.restAPI)
        #expect(event.kind == .gatewayV1)
        #expect(event.request.method == .get)
        #expect(event.request.path == "/my/path")
        #expect(event.request.query == "a%26b=1%2B1&a%26b=%C3%A9%20&c=")
        #expect(event.request.headers.values(of: "x-repeated") == ["1", "2"])
        #expect(event.request.headers["cookie"] == "a=1; b=2")
        #expect(event.request.id == "41b45ea3-70b5-11e6-b7bd-69b5aaebc7d9")
        try await expect(body(of: event), is: "")
    }

    @Test("a REST API's event may have null for everything except method, resource and path")
    func nulls() async throws {
        let event = try read(RecordedEvents.nulls)
        #expect(event.kind == .gatewayV1)
        #expect(event.request.query == nil)
        #expect(event.request.headers == [:])
        #expect(event.request.id == "")
        try await expect(body(of: event), is: "")
    }

    @Test("a REST API's event without multiple values is read from the single ones")
    func single() throws {
        let event = try read(
            """
            {"resource":"/a","path":"/a","httpMethod":"GET","headers":{"A":"1","b":null},"multiValueHeaders":null,
             "queryStringParameters":{"x":"1","y":null},"multiValueQueryStringParameters":{}}
            """
        )
        #expect(event.request.headers == ["a": "1"])
        #expect(event.request.query == "x=1&y")
    }

    @Test("a load balancer's event keeps its query's encoding")
    func loadBalancer() async throws {
        let event = try read(RecordedEvents.loadBalancer)
        #expect(event.kind == .loadBalancer)
        #expect(event.request.method == .post)
        #expect(event.request.path == "/a%20b")
        #expect(event.request.query == "a=%20+=&b%3D=")
        #expect(event.request.headers["x-amzn-trace-id"] == "Root=1-5c536348-3d683b8b04734faae651f476")
        try await expect(event.request.body.collect(upTo: 10), is: [0xFF, 0x00])
    }

    @Test("a load balancer's event with multiple values keeps repeated fields")
    func multiValueLoadBalancer() async throws {
        let event = try read(RecordedEvents.multiValueLoadBalancer)
        #expect(event.kind == .multiValueLoadBalancer)
        #expect(event.request.query == "myKey=val1&myKey=val%202")
        #expect(event.request.headers == ["cookie": "a=1", "cookie": "b=2", "accept": "*/*"])
        try await expect(body(of: event), is: "")
    }

    @Test("an empty query counts as none, and a decoded path is encoded again")
    func decodedPath() throws {
        let event = try read(
            #"{"version":"2.0","rawPath":"/a b?#é%20[","rawQueryString":"","requestContext":{"http":{"method":"GET"}}}"#
        )
        #expect(event.request.query == nil)
        #expect(event.request.path == "/a%20b%3F%23%C3%A9%20%5B")
    }

    @Test(
        "an HTTP API's named stage is removed from the path",
        arguments: [
            ("dev", "/dev/a", "/a"), ("dev", "/dev", "/"), ("dev", "/dev/", "/"), ("dev", "/device", "/device"),
            ("dev", "/a/dev", "/a/dev"), ("$default", "/$default/a", "/$default/a"), ("", "//a", "//a"),
        ]
    )
    func stage(stage: String, rawPath: String, path: String) throws {
        let event = try read(
            #"{"version":"2.0","rawPath":"\#(rawPath)","requestContext":{"http":{"method":"GET"},"stage":"\#(stage)"}}"#
        )
        #expect(event.request.path == path)
    }

    @Test(
        "a base path or an HTTP API's stage is removed from a path in payload format 1.0",
        arguments: [
            // A custom domain's base path, determined by the resource.
            ("/api/v1/token", "/tokens/api/v1/token", "/tokens/api/v1/token", "null", "/api/v1/token"),
            ("/api/v1/run/{id}/stream", "/a/b/api/v1/run/echo/stream", "", "null", "/api/v1/run/echo/stream"),
            ("/", "/tokens", "/tokens", "null", "/"), ("/", "/", "/prod/", "null", "/"),
            // Determined by the value of the last parameter.
            ("/{proxy+}", "/tokens/a%2Fb/c", "/tokens/a%2Fb/c", #"{"proxy":"a%2Fb/c"}"#, "/a%2Fb/c"),
            ("/{proxy+}", "/a/b", "/prod/a/b", #"{"proxy":"a/b"}"#, "/a/b"),
            ("/{proxy+}", "/prod/a", "/prod/prod/a", #"{"proxy":"prod/a"}"#, "/prod/a"),
            ("/api/{rest+}", "/x/api/a/b", "", #"{"rest":"a/b"}"#, "/api/a/b"),
            // An HTTP API's stage.
            ("/api/v1/token", "/prod/api/v1/token", "/prod/api/v1/token", "null", "/api/v1/token"),
            ("$default", "/prod/a", "/prod/a", "null", "/a"), ("$default", "/product", "/product", "null", "/product"),
            // A path that does not match is left unchanged.
            ("/a", "/x/b", "", "null", "/x/b"), ("/{proxy+}", "/x/b", "", "null", "/x/b"),
            ("/a/b", "/b", "", "null", "/b"),
        ] as [(String, String, String, String, String)]
    )
    func base(resource: String, path: String, full: String, parameters: String, expected: String) throws {
        let event = try read(
            #"{"version":"1.0","resource":"\#(resource)","path":"\#(path)","httpMethod":"GET","#
                + #""pathParameters":\#(parameters),"requestContext":{"path":"\#(full)","stage":"prod"}}"#
        )
        #expect(event.request.path == expected)
    }

    @Test("a path with a million segments is read within the time limit", .timeLimit(.minutes(1)))
    func manySegments() throws {
        let path = String(repeating: "/a", count: 1_000_000)
        let event = try read(
            #"{"resource":"/x/{proxy+}","path":"/x\#(path)","httpMethod":"GET","pathParameters":{"proxy":"\#(path.dropFirst())"}}"#
        )
        #expect(event.request.path.utf8.count == 2_000_002)
    }

    @Test(
        "the error for an event that is not a request says what it is",
        arguments: [
            (#"{"type":"TOKEN","authorizationToken":"a","methodArn":"arn:aws:execute-api:"}"#, "authorizer"),
            (v1(#""type":"REQUEST","methodArn":"arn:aws:execute-api:""#), "authorizer"),
            (v2(#""type":"REQUEST","routeArn":"arn:aws:execute-api:""#), "authorizer"),
            (#"{"requestContext":{"connectionId":"a=","eventType":"MESSAGE","routeKey":"$default"}}"#, "WebSocket"),
            (
                #"{"type":"REQUEST","methodArn":"arn:","requestContext":{"connectionId":"a=","eventType":"CONNECT"}}"#,
                "authorizer"
            ),
            (#"{"raw_path":"/","method":"GET","headers":{},"is_base64_encoded":false}"#, "VPC Lattice"),
            (
                #"{"version":"2.0","path":"/","method":"GET","requestContext":{"serviceNetworkArn":"arn:aws:vpc-lattice:"}}"#,
                "VPC Lattice"
            ),
        ]
    )
    func otherKinds(text: String, name: String) {
        let error = #expect(throws: PlatformEventError.self) { try read(text) }
        guard case .unknownKind(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(name))
    }

    @Test("octets that a platform decoded as UTF-8 become octets again")
    func octets() throws {
        let event = try read(#"{"resource":"/","path":"/","httpMethod":"GET","headers":{"city":"Łódź","name":"é"}}"#)
        #expect(
            event.request.headers["city"]?.string.unicodeScalars.map(\.value) == [
                0xC5, 0x81, 0xC3, 0xB3, 0x64, 0xC5, 0xBA,
            ]
        )
        #expect(event.request.headers["name"] == "é")
    }

    @Test("an id that is not legal in a header is ignored")
    func id() throws {
        let event = try read(
            #"{"resource":"/","path":"/","httpMethod":"GET","requestContext":{"requestId":"a\r\nb: c"}}"#
        )
        #expect(event.request.id == "")
    }

    @Test(
        "the error for an event of unknown kind says what is missing",
        arguments: [
            ("{}", "version"), (#"{"version":"1.0"}"#, "version"), (#"{"version":2}"#, "httpMethod and resource"),
            (#"{"Records":[]}"#, "requestContext.elb"), (#"{"httpMethod":"GET","path":"/"}"#, "lacks resource"),
            (#"{"resource":"/","path":"/"}"#, "httpMethod"),
            (#"{"requestContext":{"elb":null}}"#, "requestContext.elb"),
            (#"{"requestContext":[]}"#, "requestContext.elb"),
        ]
    )
    func unknown(text: String, words: String) {
        let error = #expect(throws: PlatformEventError.self) { try read(text) }
        guard case .unknownKind(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains(words))
    }

    @Test(
        "an invalid event is refused with the place of the fault",
        arguments: [
            (#"{"version":"2.0"}"#, "#:"), (#"{"version":"2.0","rawPath":"a"}"#, "#/rawPath:"),
            (#"{"version":"2.0","rawPath":"/"}"#, "#:"),
            (#"{"version":"2.0","rawPath":"/","requestContext":1}"#, "#/requestContext:"),
            (#"{"version":"2.0","rawPath":"/","requestContext":{}}"#, "#/requestContext:"),
            (
                #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"G T"}}}"#,
                "#/requestContext/http/method:"
            ),
            (v2(#""cookies":[1]"#), "#/cookies/0:"), (v2(#""cookies":["a\u0000"]"#), "#/cookies:"),
            (v2(#""headers":{"a b":"c"}"#), "#/headers/a b:"), (v2(#""headers":{"a":"b\r\nc: d"}"#), "#/headers/a:"),
            (v2(#""headers":{"a":1}"#), "#/headers/a:"), (v2(#""headers":[]"#), "#/headers:"),
            (v2(#""body":"_","isBase64Encoded":true"#), "#/body:"), (v2(#""body":{}"#), "#/body:"),
            (v2(#""isBase64Encoded":1,"body":"a""#), "#/isBase64Encoded:"),
            (v2(#""isBase64Encoded":"yes","body":"YQ==""#), "#/isBase64Encoded:"),
            (v2(#""isBase64Encoded":"true","body":"_""#), "#/body:"),
            (v2(#""isBase64Encoded":true,"body":"YQ =""#), "#/body:"),
            (v2(#""rawQueryString":1"#), "#/rawQueryString:"),
            (#"{"httpMethod":"","resource":"","path":"/"}"#, "#/httpMethod:"),
            (#"{"httpMethod":"A","resource":""}"#, "#:"),
            (v1(#""multiValueHeaders":{"a":"b"}"#), "#/multiValueHeaders/a:"),
            (v1(#""multiValueHeaders":{"a":["b","\n"]}"#), "#/multiValueHeaders/a/1:"),
            (v1(#""queryStringParameters":{"a/b":1}"#), "#/queryStringParameters/a~1b:"),
            (v1(#""multiValueQueryStringParameters":{"a":[{}]}"#), "#/multiValueQueryStringParameters/a/0:"),
            (#"{"httpMethod":"A","requestContext":{"elb":{}},"path":""}"#, "#/path:"),
            ("[]", "#:"), ("", "1:1:"), (#"{"version":"2.0","version":"2.0"}"#, "1:18:"),
            (#"{"a":\#(String(repeating: "[", count: 100))"#, "1:69:"),
        ]
    )
    func malformed(text: String, place: String) {
        let error = #expect(throws: PlatformEventError.self) { try read(text) }
        guard case .content? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.hasPrefix(place) == true, "\(String(describing: error))")
    }

    @Test(
        "isBase64Encoded may be a string, and base64 may contain line ends",
        arguments: [
            (#""body":"aMOp","isBase64Encoded":"true""#, "hé"), (#""body":"aMOp","isBase64Encoded":"True""#, "hé"),
            (#""body":"aMOp","isBase64Encoded":"false""#, "aMOp"),
            (#""body":"a\r\n","isBase64Encoded":false"#, "a\r\n"),
            (#""body":"aM\r\nOp\r\n","isBase64Encoded":true"#, "hé"),
        ]
    )
    func lenientBodies(members: String, content: String) async throws {
        for text in [
            v2(members), v1(members), #"{"httpMethod":"A","path":"/","requestContext":{"elb":{}},\#(members)}"#,
        ] {
            try await expect(read(text).request.body.collect(upTo: 10), is: Array(content.utf8))
        }
    }

    @Test("an event over 6 MiB is refused without being read")
    func tooLong() {
        #expect(throws: PlatformEventError.tooLong(limit: 6 << 20)) {
            try PlatformEvent(reading: [UInt8](repeating: 0x20, count: (6 << 20) + 1))
        }
    }

    @Test("an event with the most members possible is read within the time limit", .timeLimit(.minutes(1)))
    func manyMembers() throws {
        let fields = (0..<200_000).map { #""a\#($0)":"""# }.joined(separator: ",")
        try expect(read(v1(#""headers":{\#(fields)}"#)).request.headers.fields.count, is: 200_000)
        try expect(read(v2(#""headers":{\#(fields)}"#)).request.headers.fields.count, is: 200_000)
    }
}

private func v2(_ members: String) -> String {
    #"{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}},\#(members)}"#
}

private func v1(_ members: String) -> String {
    #"{"resource":"/","path":"/","httpMethod":"GET",\#(members)}"#
}
