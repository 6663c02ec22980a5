import FunctionCore
import FunctionEventLoop
import LocalRuntimeLambda
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures

@Suite("Lambda's streaming invoke calls")
struct LambdaEventStreamTests {
    /// Invokes the function with an event and returns the messages.
    private func messages(
        _ lambda: LambdaHarness,
        _ event: String,
        fields: String = ""
    ) async throws -> [EventStreamReader.Message] {
        let client = try await asking(lambda, event, fields: fields)
        var bytes: [UInt8] = []
        while case let next = try await client.receive(), !next.isEmpty { bytes += next }
        return try EventStreamReader.messages(ofResponse: bytes)
    }

    private func asking(_ lambda: LambdaHarness, _ event: String, fields: String = "") async throws -> RawClient {
        let client = try RawClient(port: lambda.port)
        try await client.send(
            "POST /2021-11-15/functions/function/response-streaming-invocations HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: close\r\n\(fields)Content-Length: \(event.utf8.count)\r\n\r\n\(event)"
        )
        return client
    }

    private func error(_ message: EventStreamReader.Message?) throws -> (code: String, details: String) {
        let message = try #require(message)
        #expect(message.type == "InvokeComplete")
        guard case .object(let members) = try JSONReader.read(message.payload),
            case .string(let code)? = members.value(of: "ErrorCode"),
            case .string(let details)? = members.value(of: "ErrorDetails")
        else {
            Issue.record("no error: \(message.text)")
            return ("", "")
        }
        return (code, details)
    }

    @Test("a streamed response is one message per chunk, and one that completes it")
    func streamed() async throws {
        try await LambdaHarness.run { lambda in
            let order = #"{"do":"stream","pieces":["{}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",0.1,"abc"]}"#
            let told = try await messages(lambda, order)
            #expect(told.last == .init(type: "InvokeComplete", payload: Array("{}".utf8)))
            #expect(told.dropLast().allSatisfy { $0.type == "PayloadChunk" })
            // An invoke call is no gateway, so it passes on the head for HTTP as it is.
            #expect(
                told.dropLast().flatMap(\.payload) == Array("{}".utf8) + [UInt8](repeating: 0, count: 8)
                    + Array("abc".utf8)
            )
        }
    }

    @Test("a message reaches its client before the function goes on")
    func asItComes() async throws {
        try await LambdaHarness.run { lambda in
            let client = try await asking(lambda, #"{"do":"stream","pieces":["one",5,"two"]}"#)
            _ = try await client.receive(through: "one")
            // The second piece follows only five seconds later.
            #expect(!lambda.log.contains("REPORT "))
        }
    }

    @Test("a response that is not streamed comes in messages too, even an empty one")
    func whole() async throws {
        try await LambdaHarness.run { lambda in
            let told = try await messages(lambda, #"{"do":"large","count":200000}"#)
            #expect(told.dropLast().flatMap(\.payload) == [UInt8](repeating: UInt8(ascii: "x"), count: 200_000))
            #expect(told.allSatisfy { $0.payload.count <= 65_536 })
            #expect(told.last?.text == "{}")
            let empty = try await messages(lambda, #"{"do":"respond","text":""}"#)
            #expect(empty == [.init(type: "InvokeComplete", payload: Array("{}".utf8))])
        }
    }

    @Test("if the process ends during its response, the last message says so")
    func exit() async throws {
        try await LambdaHarness.run { lambda in
            let told = try await messages(lambda, #"{"do":"stream","pieces":["abc"],"exit":3}"#)
            #expect(told.first?.text == "abc")
            #expect(told.count == 2)
            let error = try error(told.last)
            #expect(error.code == "Unhandled")
            #expect(error.details.hasPrefix(#"{"errorType":"Runtime.TruncatedResponse","#))
        }
    }

    @Test("an error that a function reports after its response is in the last message unchanged")
    func trailers() async throws {
        try await LambdaHarness.run { lambda in
            let trailers =
                #"{"Lambda-Runtime-Function-Error-Type":"Function.Late","Lambda-Runtime-Function-Error-Body":"eyJhIjoxfQ=="}"#
            let told = try await messages(lambda, #"{"do":"stream","pieces":["abc"],"trailers":\#(trailers)}"#)
            #expect(told.first?.text == "abc")
            let error = try error(told.last)
            #expect(error.code == "Unhandled")
            #expect(error.details == #"{"a":1}"#)
        }
    }

    @Test("if the response times out, the last message says so")
    func timeout() async throws {
        try await LambdaHarness.run(with: { $0.timeout = .seconds(2) }) { lambda in
            let told = try await messages(lambda, #"{"do":"stream","pieces":["abc", 100, "d"]}"#)
            #expect(told.first?.text == "abc")
            let error = try error(told.last)
            #expect(error.details.contains(#""errorType":"Sandbox.Timedout""#))
            #expect(error.details.contains("Task timed out after 2.00 seconds"))
        }
    }

    @Test("a failure before the response is a single message")
    func failed() async throws {
        try await LambdaHarness.run { lambda in
            let told = try await messages(lambda, #"{"do":"error","type":"Function.Odd","message":"odd"}"#)
            #expect(told.count == 1)
            let own = try error(told.last)
            #expect(own.details == #"{"errorMessage": "odd", "errorType": "Own", "stackTrace": []}"#)
            let exited = try error(try await messages(lambda, #"{"do":"exit","code":3}"#).last)
            #expect(exited.details.contains("exit status 3"))
        }
    }

    @Test("the last message has the log if the caller wants it, even if the response broke off")
    func log() async throws {
        try await LambdaHarness.run { lambda in
            let orders = [
                #"{"do":"stream","pieces":["abc"]}"#, #"{"do":"stream","pieces":["abc"],"exit":3}"#,
                #"{"do":"echo"}"#, #"{"do":"exit","code":3}"#,
            ]
            for order in orders {
                let told = try await messages(lambda, order, fields: "X-Amz-Log-Type: Tail\r\n")
                guard case .object(let members) = try JSONReader.read(try #require(told.last).payload),
                    case .string(let text)? = members.value(of: "LogResult"), let bytes = Base64.decode(text)
                else {
                    Issue.record("no log: \(told)")
                    continue
                }
                let log = String(decoding: bytes, as: UTF8.self)
                #expect(log.hasPrefix("START RequestId: "))
                #expect(log.contains("\ntold to "))
                #expect(log.contains("\nREPORT RequestId: "))
            }
        }
    }

    @Test("a call is refused for the same reasons as one that does not stream")
    func refusals() async throws {
        try await LambdaHarness.run { lambda in
            #expect(try await lambda.invoke("{", streams: true).hasPrefix("HTTP/1.1 400 "))
            #expect(try await lambda.invoke("{}", name: "other", streams: true).hasPrefix("HTTP/1.1 404 "))
            let dry = try await lambda.invoke("{}", streams: true, fields: "X-Amz-Invocation-Type: DryRun\r\n")
            #expect(dry.hasPrefix("HTTP/1.1 204 "))
            let event = try await lambda.invoke("{}", streams: true, fields: "X-Amz-Invocation-Type: Event\r\n")
            #expect(event.contains("x-amzn-errortype: InvalidParameterValueException\r\n"))
            #expect(lambda.log == "")
        }
    }
}
