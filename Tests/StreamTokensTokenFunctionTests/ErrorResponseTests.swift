import FunctionCore
import StreamTokensTokenFunction
import Support
import Testing

@Suite("Error responses of the runtime")
struct ErrorResponseTests {
    @Test(
        "every code has its published text and form",
        arguments: [
            (.badRequest, 400, "bad_request", "The request is malformed."),
            (.notFound, 404, "not_found", "Not found."),
            (.requestTimeout, 408, "request_timeout", "The request took too long to arrive."),
            (.bodyTooLarge, 413, "body_too_large", "The request's body is too large."),
            (.uriTooLong, 414, "uri_too_long", "The request's target is too long."),
            (.expectationFailed, 417, "expectation_failed", "The request was refused."),
            (.headersTooLarge, 431, "headers_too_large", "The request's header fields are too large."),
            (.notImplemented, 501, "not_implemented", "The request needs something that is not implemented here."),
            (.responseTooLarge, 502, "response_too_large", "The response is too large for this platform."),
            (.responseIncomplete, 502, "response_incomplete", "The response was broken off."),
            (.overloaded, 503, "overloaded", "Too many requests at once. Please try again in a moment."),
            (.deadlineExceeded, 504, "deadline_exceeded", "The response took too long."),
            (.httpVersionNotSupported, 505, "http_version_not_supported", "This version of HTTP is not supported."),
        ] as [(HTTPError, Int, String, String)]
    )
    func texts(error: HTTPError, status: Int, code: String, text: String) async {
        let response = TokenFunction.errorResponse(error, nil)
        #expect(response.status.code == status)
        let body = await TokenFunctionTests.body(response)
        #expect(body == #"{"error":"\#(text)","success":false,"code":"\#(code)"}"#)
        let further = status == 503 ? ["retry-after: 1"] : []
        #expect(TokenFunctionTests.fields(response) == TokenFunctionTests.common + further)
    }

    @Test("a method that the runtime refuses for a health check keeps the check's Allow and hint")
    func wrongMethod() async {
        let response = TokenFunction.errorResponse(.methodNotAllowed("GET, HEAD", "Use GET or HEAD."), nil)
        #expect(response.headers[.allow] == "GET, HEAD")
        await expect(TokenFunctionTests.body(response)?.contains(#""Method not allowed. Use GET or HEAD.""#), is: true)
    }
}
