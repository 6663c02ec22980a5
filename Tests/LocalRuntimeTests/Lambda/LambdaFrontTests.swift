import FunctionEventLoop
import FunctionPlatforms
import LocalRuntimeLambda
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeConsole

@Suite("Gateways in front of Lambda")
struct LambdaFrontTests {
    @Test("a request becomes an event of the gateway's kind", arguments: PlatformEvent.Kind.allCases)
    func event(kind: PlatformEvent.Kind) async throws {
        try await LambdaHarness.run(Self.telling, front: kind) { lambda in
            let response = try await ask(lambda.port, "/a%2Fb?x=1&x=2", fields: "X-A: b\r\n")
            #expect(response.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(response.contains("x-kind: \(kind.rawValue)\r\n"))
            #expect(response.contains("x-amzn-requestid: "))
        }
    }

    @Test("an invalid response becomes the gateway's own 502, and the log says why")
    func refused() async throws {
        let pages: [(PlatformEvent.Kind, String)] = [
            (.gatewayV2, #"{"Message":"Internal Server Error"}"#),
            (.gatewayV1, #"{"message": "Internal server error"}"#),
            (.loadBalancer, "<center><h1>502 Bad Gateway</h1></center>"),
        ]
        for (kind, text) in pages {
            try await LambdaHarness.run(front: kind) { lambda in
                // A gateway's event holds the order as its body.
                for order in [#"{"do":"respond","text":"{\"statusCode\":99}"}"#, #"{"do":"exit","code":1}"#] {
                    let response = try await lambda.front(order)
                    #expect(response.hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
                    #expect(response.contains(text))
                }
                #expect(lambda.log.contains(" \(kind.rawValue): the response is refused: #/statusCode: "))
            }
        }
    }

    @Test(
        "a stream reaches the client as it comes, after its head",
        arguments: [PlatformEvent.Kind.gatewayV2, .gatewayV1]
    )
    func streaming(kind: PlatformEvent.Kind) async throws {
        try await LambdaHarness.run(front: kind) { lambda in
            let prelude = #"{\"statusCode\":201,\"headers\":{\"x-a\":\"b\"},\"cookies\":[\"c=d\"]}"#
            let nul = String(repeating: #"\u0000"#, count: 4)
            let order = #"{"do":"stream","pieces":["\#(prelude)\#(nul)","\#(nul)one ",5,"two"]}"#
            let client = try RawClient(port: lambda.port)
            try await client.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(order.utf8.count)\r\n"
                    + "Content-Type: application/json\r\n\r\n\(order)"
            )
            let head = try await client.receive(through: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(head.contains("x-a: b\r\n"))
            #expect(head.contains("set-cookie: c=d\r\n"))
            try await expect(client.receive(through: "one "), is: "4\r\none ")
            // The second piece follows only five seconds later.
            #expect(!lambda.log.contains("REPORT "))
            try await expect(client.receiveAll(), is: "\r\n3\r\ntwo\r\n0\r\n\r\n")
        }
    }

    @Test("a stream with an error in its trailers breaks off for the client, and the log has the error's type")
    func trailers() async throws {
        try await LambdaHarness.run { lambda in
            let trailers =
                #"{"Lambda-Runtime-Function-Error-Type":"Function.Late","Lambda-Runtime-Function-Error-Body":"e30="}"#
            let order =
                #"{"do":"stream","pieces":["{}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000abc"],"trailers":\#(trailers)}"#
            let response = try await lambda.front(order)
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.hasSuffix("\r\n\r\n3\r\nabc\r\n"))
            #expect(await waitUntil { lambda.log.contains("\tStatus: error\tError Type: Function.Late\n") })
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[[202, null]]")
        }
    }

    @Test("a stream that times out breaks off")
    func streamTimeout() async throws {
        try await LambdaHarness.run(with: { $0.timeout = .seconds(2) }) { lambda in
            let order = #"{"do":"stream","pieces":["{}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000abc", 100, "d"]}"#
            let response = try await lambda.front(order)
            #expect(response.hasSuffix("\r\n\r\n3\r\nabc\r\n"))
            #expect(lambda.log.contains("\tStatus: timeout\n"))
        }
    }

    @Test("a client that reads slowly slows the function")
    func backpressure() async throws {
        try await LambdaHarness.run { lambda in
            let pieces =
                #"["{}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000"\#(String(repeating: #","x""#, count: 40))]"#
            // 41 pieces of a megabyte each or more.
            let order = #"{"do":"stream","type":"text/plain","times":1000000,"pieces":\#(pieces)}"#
            let client = try RawClient(port: lambda.port)
            try await client.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(order.utf8.count)\r\n"
                    + "Content-Type: application/json\r\n\r\n\(order)"
            )
            _ = try await client.receive(through: "\r\n\r\n")
            try await Task.sleep(for: .milliseconds(500))
            #expect(!lambda.log.contains("REPORT "))
            let rest = try await client.receiveAll()
            #expect(rest.hasSuffix("\r\n0\r\n\r\n"))
            #expect(await waitUntil { lambda.log.contains("REPORT ") })
        }
    }

    @Test("a stream without a prelude becomes a 502; one of another type is passed on unchanged")
    func preludes() async throws {
        try await LambdaHarness.run { lambda in
            #expect(try await lambda.front(#"{"do":"stream","pieces":["abc"]}"#).hasPrefix("HTTP/1.1 502 "))
            #expect(lambda.log.contains("the stream is refused: has no prelude"))
            let text = try await lambda.front(#"{"do":"stream","type":"text/plain","pieces":["abc"]}"#)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.contains("content-type: text/plain\r\n"))
            #expect(text.hasSuffix("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
        }
    }

    @Test("an invoke call collects a streamed response")
    func invoked() async throws {
        try await LambdaHarness.run { lambda in
            let order = #"{"do":"stream","type":"text/plain","pieces":["ab",0.1,"c"]}"#
            let collected = try await lambda.result(order)
            #expect(collected == "abc")
        }
    }

    /// Responds with the kind of the event. Written like AWS' own tutorial.
    private static let telling = #"""
        #!/bin/sh
        api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
        while head=$(mktemp) && event=$(curl -sS -D "$head" "$api/next"); do
            id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$head" | tr -d '[:space:]' | cut -d: -f2)
            rm "$head"
            headers=headers
            value='"%s"'
            case $event in
                *'"version":"2.0"'*) kind=v2 ;;
                *'"elb"'*'"multiValueHeaders"'* | *'"multiValueHeaders"'*'"elb"'*)
                    kind=alb-multi headers=multiValueHeaders value='["%s"]' ;;
                *'"elb"'*) kind=alb ;;
                *) kind=v1 ;;
            esac
            curl -sS -o /dev/null "$api/$id/response" -d "{\"statusCode\":201,\"$headers\":{\"x-kind\":$(printf "$value" $kind)}}"
        done
        """#
}
