import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionPlatforms
import Testing

@testable import FunctionRuntime

@Suite("Lambda's Runtime API")
struct LambdaCodecTests {
    @Test(
        "has the address in the environment",
        arguments: [
            ("127.0.0.1:9001", "127.0.0.1", 9001, ""),
            ("169.254.100.1:9001/2018-06-01", "169.254.100.1", 9001, "/2018-06-01"),
            ("localhost", "localhost", 80, ""),
            ("localhost/", "localhost", 80, ""),
            ("[::1]:9001", "::1", 9001, ""),
            ("[::1]", "::1", 80, ""),
            ("http://[::]:9000/.rt", "::", 9000, "/.rt"),
            ("http://host.internal:9000/a/b/", "host.internal", 9000, "/a/b"),
        ] as [(String, String, UInt16, String)]
    )
    func address(text: String, host: String, port: UInt16, base: String) throws {
        let api = try #require(LambdaAPI(text))
        #expect(api.origin == Origin(host: host, port: port))
        #expect(api.request(.next)?.target == base + "/2018-06-01/runtime/invocation/next")
    }

    @Test(
        "has no address if the environment's is malformed",
        arguments: [
            "", ":9001", "host:", "host:0", "host:65536", "host:+1", "host:x", "::1:9001", "[::1", "[x]:1", "a b:1",
            "https://host:1", "ftp://host", "host:1/a?b", "host:1/a#b", "user@host:1", "http://",
        ]
    )
    func noAddress(text: String) {
        #expect(LambdaAPI(text) == nil)
    }

    @Test("has a request for each call")
    func calls() throws {
        let api = try #require(LambdaAPI("127.0.0.1:9001"))
        let error = LambdaError("Function.Odd", "a \"b\"")
        let json = #"{"errorMessage":"a \"b\"","errorType":"Function.Odd","stackTrace":[]}"#
        let runtime = "/2018-06-01/runtime/"
        let calls: [(LambdaCall, Method, String, String)] = [
            (.next, .get, "invocation/next", ""),
            (.response(id: "1-a", [0x7B, 0x7D]), .post, "invocation/1-a/response", "{}"),
            (.streamedResponse(id: "1-a", prelude: [0x7B, 0x7D]), .post, "invocation/1-a/response", "{}"),
            (.error(id: "1-a", error), .post, "invocation/1-a/error", json),
            (.initError(error), .post, "init/error", json),
        ]
        for (call, method, path, body) in calls {
            let request = try #require(api.request(call))
            #expect(request.method == method)
            #expect(request.target == runtime + path)
            #expect(String(decoding: request.body, as: UTF8.self) == body)
        }
        let failed = try #require(api.request(.error(id: "1", error)))
        #expect(failed.headers[.lambdaErrorType] == "Function.Odd")
        let streamed = try #require(api.request(.streamedResponse(id: "1", prelude: [])))
        #expect(streamed.headers["lambda-runtime-function-response-mode"] == "streaming")
        #expect(streamed.headers[.contentType] == "application/vnd.awslambda.http-integration-response")
    }

    @Test("accepts the type of each of our errors")
    func errorTypes() {
        let errors =
            [
                .unknownEvent(""), .malformedEvent(""), .eventTooLarge, .deadlineExceeded, .responseIncomplete,
                .wrongSettings(""), .cannotStart(""),
            ] as [LambdaError]
        for error in errors {
            #expect(error.type.string.wholeMatch(of: /(Runtime|Function)\.[A-Z][a-zA-Z]+/) != nil)
        }
    }

    @Test("is told of a broken stream in trailers")
    func trailers() {
        let trailers = LambdaError.deadlineExceeded.trailers
        #expect(trailers.fields.map(\.name) == LambdaError.trailerNames)
        #expect(trailers[.lambdaErrorType] == "Function.DeadlineExceeded")
        let body = trailers["lambda-runtime-function-error-body"].flatMap { Base64.decode($0.string) }
        #expect(body == LambdaError.deadlineExceeded.json)
    }
}

@Suite("An invocation")
struct InvocationFieldsTests {
    private static let now = 1_800_000_000_000

    @Test("needs only its id")
    func onlyID() {
        let invocation = InvocationFields(["lambda-runtime-aws-request-id": "8476a536-e9f4"], now: Self.now)
        #expect(invocation?.id == "8476a536-e9f4")
        #expect(invocation?.deadline == nil && invocation?.traceID == nil)
        #expect(invocation?.timeLeft(at: Self.now) == nil)
    }

    @Test("is invalid without an id that can be part of a path", arguments: [nil, "", "a/b", "a?b", "a b", "é"])
    func noID(id: String?) {
        var headers: Headers = ["lambda-runtime-deadline-ms": "1800000003000"]
        if let id = id.flatMap({ Headers.Value($0) }) { headers["lambda-runtime-aws-request-id"] = id }
        #expect(InvocationFields(headers, now: Self.now) == nil)
    }

    @Test(
        "has the deadline of its header, if that is plausible",
        arguments: [
            ("1800000003000", 3000), ("1799999999999", 0), ("1799999940000", 0), ("1799999939999", nil),
            ("0", nil), ("-1", nil), ("x", nil), ("", nil), ("1800000003000.5", nil),
            ("9223372036854775807", nil), ("92233720368547758070", nil), ("1800086400001", nil),
            ("-9223372036854775808", nil), ("1e308", nil),
        ] as [(String, Int?)]
    )
    func deadline(text: String, left: Int?) throws {
        var headers: Headers = ["lambda-runtime-aws-request-id": "1", "lambda-runtime-trace-id": "Root=1-5"]
        headers["lambda-runtime-deadline-ms"] = Headers.Value(text)
        let invocation = try #require(InvocationFields(headers, now: Self.now))
        #expect(invocation.timeLeft(at: Self.now)?.milliseconds == left)
        #expect(invocation.traceID == "Root=1-5")
    }

    @Test(
        "divides its last quarter into equal steps",
        arguments: [
            (0, [0, 0, 0, 0]), (1000, [750, 812, 875, 937]), (3000, [2250, 2437, 2625, 2812]),
            (60_000, [59_000, 59_250, 59_500, 59_750]),
        ]
    )
    func schedule(left: Int, steps: [Int]) {
        let start = Instant(nanoseconds: 5_000_000_000)
        let schedule = LambdaSchedule(left: .milliseconds(left), from: start)
        let moments = [schedule.cancel, schedule.giveUp, schedule.settled, schedule.spinning]
        #expect(moments.map { ($0 - start).milliseconds } == steps)
    }
}
