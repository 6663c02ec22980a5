import FunctionCore
import FunctionEventLoop
import FunctionPlatforms
import Support
import Testing

@testable import FunctionTesting
@testable import LocalRuntimeFixtures
@testable import LocalRuntimeLambda

@Suite("Lambda's Runtime API")
struct LambdaRuntimeAPITests {
    @Test("a response to an unknown invocation returns 400")
    func wrongID() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.result(#"{"do":"wrong id"}"#)
            #expect(response == #"[[400, "InvalidRequestID"]]"#)
        }
    }

    @Test("a second response returns 403, and the first one counts")
    func twice() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.result(#"{"do":"twice"}"#)
            #expect(response == #""first""#)
            try await expect(lambda.result(#"{"do":"seen"}"#), is: #"[[202, null], [403, "InvalidStateTransition"]]"#)
        }
    }

    @Test("6 MiB and 100 bytes are accepted; one byte more returns 413 and is the function's error")
    func large() async throws {
        try await LambdaHarness.run { lambda in
            let limit = (6 << 20) + 100
            let whole = try await lambda.invoke(#"{"do":"large","count":\#(limit)}"#)
            #expect(whole.content.utf8.count == limit)
            #expect(!whole.contains("x-amz-function-error"))
            let response = try await lambda.invoke(#"{"do":"large","count":\#(limit + 1)}"#)
            #expect(response.contains("x-amz-function-error: Unhandled\r\n"))
            #expect(response.content.hasPrefix(#"{"errorType":"Function.ResponseSizeTooLarge","#))
            #expect(response.content.contains("Response payload size (6291557 bytes) exceeded"))
            try await expect(lambda.result(#"{"do":"seen"}"#), is: #"[[202, null], [413, "RequestEntityTooLarge"]]"#)
        }
    }

    @Test("an unknown response mode returns 400")
    func mode() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.result(#"{"do":"mode"}"#)
            #expect(response.hasPrefix(#"{"errorType":"Runtime.InvalidResponseModeHeader","#))
            try await expect(lambda.result(#"{"do":"seen"}"#), is: #"[[400, "InvalidFunctionResponseMode"]]"#)
        }
    }

    @Test("a response that breaks off is the function's error")
    func truncated() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.result(#"{"do":"break"}"#)
            #expect(response.hasPrefix(#"{"errorType":"Runtime.TruncatedResponse","#))
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[]")
        }
    }

    @Test("asking again before responding returns the same invocation")
    func askTwice() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.result(#"{"do":"ask twice"}"#)
            #expect(response == "true")
        }
    }

    @Test("a response counts even if the process exits right after it")
    func lastWords() async throws {
        try await LambdaHarness.run { lambda in
            let response = try await lambda.invoke(#"{"do":"respond and exit"}"#)
            #expect(response.content == #""last words""#)
            #expect(!response.contains("x-amz-function-error"))
            #expect(await waitUntil { lambda.log.contains("\tError Type: Runtime.ExitError\n") })
            try await expect(lambda.result(#"{"do":"seen"}"#), is: "[]")
        }
    }

    @Test("calls are recognized by method and path")
    func calls() {
        #expect(LambdaCall.Endpoint(.get, "/2018-06-01/runtime/invocation/next") == .next)
        #expect(LambdaCall.Endpoint(.post, "/2018-06-01/runtime/invocation/a-1/response") == .response("a-1"))
        #expect(LambdaCall.Endpoint(.post, "/2018-06-01/runtime/invocation/a-1/error") == .error("a-1"))
        #expect(LambdaCall.Endpoint(.post, "/2018-06-01/runtime/init/error") == .initError)
        #expect(LambdaCall.Endpoint(.post, "/2020-01-01/extension/register") == .register)
        #expect(LambdaCall.Endpoint(.get, "/2020-01-01/extension/event/next") == .extensionNext)
        #expect(LambdaCall.Endpoint(.post, "/2018-06-01/runtime/invocation/next") == nil)
        #expect(LambdaCall.Endpoint(.get, "/2018-06-01/runtime/invocation/next/") == nil)
        #expect(LambdaCall.Endpoint(.post, "/2018-06-01/runtime/invocation/a/b/response") == nil)
        #expect(LambdaCall.Endpoint(.get, "/") == nil)
    }
}
