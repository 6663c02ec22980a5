import FunctionEventLoop
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda
@testable import LocalRuntimeReplay

@Suite("Lambda's invoke calls")
struct LambdaInvokeTests {
    @Test("the event and the response pass unchanged")
    func echo() async throws {
        try await LambdaHarness.run { lambda in
            let event = #"{"do":"echo","text":"ä\u0000 ☃"}"#
            let response = try await lambda.invoke(event)
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.contains("x-amz-executed-version: $LATEST\r\n"))
            #expect(!response.contains("x-amz-function-error"))
            #expect(response.content == event)
        }
    }

    @Test("the process learns about its invocation and its function")
    func context() async throws {
        let own = ["OWN": "1", "TZ": "Europe/Berlin"]
        try await LambdaHarness.run(variables: own, with: { ($0.name, $0.memorySize) = ("mint", 256) }) { lambda in
            // {"a":"ä"}
            let fields = "X-Amzn-Trace-Id: Root=1-2-3\r\nX-Amz-Client-Context: eyJhIjoiw6QifQ==\r\n"
            let told = try await lambda.invoke(#"{"do":"headers"}"#, name: "mint", fields: fields)
            let id = try #require(told.firstMatch(of: /x-amzn-requestid: ([0-9a-f-]{36})/)?.1)
            #expect(told.content.contains(#""lambda-runtime-aws-request-id": "\#(id)""#))
            #expect(told.content.contains(#""lambda-runtime-trace-id": "Root=1-2-3""#))
            #expect(told.content.contains(#""lambda-runtime-client-context": "{\"a\":\"\u00e4\"}""#))
            #expect(told.content.contains(":123456789012:function:mint"))
            let deadline = try #require(told.content.firstMatch(of: /deadline-ms": "(\d+)"/).flatMap { Int($0.1) })
            #expect((0...60_000).contains(deadline - WallClock.milliseconds))

            let environment = try await lambda.invoke(#"{"do":"environment"}"#, name: "mint").content
            for expected in [
                #""AWS_LAMBDA_FUNCTION_NAME": "mint""#, #""AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256""#,
                #""AWS_LAMBDA_FUNCTION_VERSION": "$LATEST""#, #""AWS_REGION": "us-east-1""#, #""OWN": "1""#,
                #""TZ": "Europe/Berlin""#, #""_HANDLER": "bootstrap""#,
            ] { #expect(environment.contains(expected)) }
            #expect(!environment.contains("MAX_CONCURRENCY"))
            let root = try #require(environment.firstMatch(of: /"LAMBDA_TASK_ROOT": "([^"]+)"/)?.1)
            #expect(environment.contains(#""PWD": "\#(root)""#))
        }
    }

    @Test("an error that the function reports is the response")
    func error() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.invoke(#"{"do":"error","type":"Function.Odd","message":"odd"}"#)
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.contains("x-amz-function-error: Unhandled\r\n"))
            #expect(response.content == #"{"errorMessage": "odd", "errorType": "Own", "stackTrace": []}"#)
            _ = try await lambda.invoke(#"{"do":"error","type":"odd","message":"odd"}"#)
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[[202, null], [202, null]]")
            #expect(lambda.log.contains("\tStatus: error\tError Type: Function.Odd\n"))
            #expect(lambda.log.contains("\tStatus: error\tError Type: Runtime.Unknown\n"))
        }
    }

    @Test("a process that exits is the invocation's error, and the next invocation gets a new process")
    func crash() async throws {
        try await LambdaHarness.run { lambda in
            for (order, reason) in [
                (#"{"do":"exit","code":3}"#, "Runtime exited with error: exit status 3"),
                (#"{"do":"exit","code":0}"#, "Runtime exited without providing a reason"),
                (#"{"do":"signal","number":9}"#, "Runtime exited with error: signal: killed"),
            ] {
                let response = try await lambda.invoke(order)
                let id = try #require(response.firstMatch(of: /x-amzn-requestid: ([0-9a-f-]{36})/)?.1)
                #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(response.contains("x-amz-function-error: Unhandled\r\n"))
                #expect(
                    response.content
                        == #"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: \#(id) Error: \#(reason)"}"#
                )
                #expect(
                    lambda.log.contains("RequestId: \(id) Error: \(reason)\nRuntime.ExitError\nEND RequestId: \(id)\n")
                )
            }
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[]")
            #expect(lambda.output.contains("told to exit\n"))
        }
    }

    @Test("an invocation that times out gets that error, and its process and children are killed")
    func timeout() async throws {
        try await LambdaHarness.run(with: { $0.timeout = .seconds(1) }) { lambda in
            let response = try await lambda.invoke(#"{"do":"child"}"#)
            let id = try #require(response.firstMatch(of: /x-amzn-requestid: ([0-9a-f-]{36})/)?.1)
            let message = "RequestId: \(id) Error: Task timed out after 1.00 seconds"
            #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(response.contains("x-amz-function-error: Unhandled\r\n"))
            #expect(response.content == #"{"errorType":"Sandbox.Timedout","errorMessage":"\#(message)"}"#)
            #expect(lambda.log.contains("\(id) Task timed out after 1.00 seconds\nEND RequestId: \(id)\n"))
            #expect(lambda.log.contains("\tStatus: timeout\n"))
            let child = try #require(lambda.output.firstMatch(of: /child (\d+)/).flatMap { Int($0.1) })
            #expect(await waitUntil { state(ofProcess: child) == nil })
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[]")
        }
    }

    @Test("an invalid event, function or call is refused as by Lambda")
    func refusals() async throws {
        try await LambdaHarness.run { lambda in
            let text = try await lambda.invoke("{")
            #expect(text.hasPrefix("HTTP/1.1 400 "))
            #expect(text.contains("x-amzn-errortype: InvalidRequestContentException\r\n"))
            for text in [#"{"a":1,}"#, "[1,]", "{'a':1}", "{\"a\":1} x", "NaN", "\u{FEFF}{}", "\0", "01", #""\ud800""#]
            {
                let response = try await lambda.invoke(text)
                #expect(response.hasPrefix("HTTP/1.1 400 "))
                #expect(response.contains("x-amzn-errortype: InvalidRequestContentException\r\n"))
                #expect(response.contains(#""message":"Could not parse request body into json: 1:"#))
            }
            for (name, query) in [("other", ""), ("function:PROD", ""), ("function", "?Qualifier=1")] {
                let other = try await lambda.invoke("{}", name: name, query: query)
                #expect(other.hasPrefix("HTTP/1.1 404 "))
                #expect(other.contains("x-amzn-errortype: ResourceNotFoundException\r\n"))
                #expect(other.contains("Function not found: arn:aws:lambda:us-east-1:123456789012:function:"))
            }
            let malformed = try await lambda.invoke("{}", name: "a%20b")
            #expect(malformed.contains("x-amzn-errortype: ValidationException\r\n"))
            let large = try await lambda.invoke(#"""# + String(repeating: "x", count: 6 << 20) + #"""#)
            #expect(large.hasPrefix("HTTP/1.1 413 "))
            let event = "X-Amz-Invocation-Type: Event\r\n"
            let late = try await lambda.invoke(#"""# + String(repeating: "x", count: 1 << 20) + #"""#, fields: event)
            #expect(late.hasPrefix("HTTP/1.1 413 "))
            #expect(try await lambda.invoke("{}", fields: "X-Amz-Invocation-Type: No\r\n").hasPrefix("HTTP/1.1 400 "))
            #expect(try await lambda.invoke("{}", fields: "X-Amz-Client-Context: %\r\n").hasPrefix("HTTP/1.1 400 "))
            #expect(
                try await lambda.invoke("{}", fields: "X-Amz-Invocation-Type: DryRun\r\n").hasPrefix("HTTP/1.1 204 ")
            )
            // None of these calls started a process.
            #expect(lambda.log == "")
        }
    }

    @Test("an asynchronous call responds at once")
    func event() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.invoke(#"{"do":"echo"}"#, fields: "X-Amz-Invocation-Type: Event\r\n")
            #expect(response.hasPrefix("HTTP/1.1 202 "))
            #expect(await waitUntil { lambda.log.contains("REPORT ") })
        }
    }
}
