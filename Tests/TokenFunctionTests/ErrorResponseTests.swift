import Function
import Testing
import TokenFunction

@Suite("The answers of the layers below")
struct ErrorResponseTests {
    @Test(
        "every code has its text, in the published form",
        arguments: [
            (400, "bad_request", "The request is malformed."),
            (408, "request_timeout", "The request took too long to arrive."),
            (413, "body_too_large", "The request's body is too large."),
            (414, "uri_too_long", "The request's target is too long."),
            (431, "headers_too_large", "The request's header fields are too large."),
            (500, "internal_server_error", "Failed to create token, please try again or contact support."),
            (501, "not_implemented", "The request needs something that is not implemented here."),
            (503, "overloaded", "Too many requests at once. Please try again in a moment."),
            (503, "unavailable", "The service is not available. Please try again in a moment."),
            (505, "http_version_not_supported", "This version of HTTP is not supported."),
            (417, "something_new", "The request was refused."),
            (502, "something_new", "The request could not be served."),
        ]
    )
    func texts(status: Int, code: String, text: String) async {
        let response = TokenFunction.errorResponse(Status(status), code)
        #expect(response.status.code == status)
        let body = await TokenFunctionTests.body(response)
        #expect(body == #"{"error":"\#(text)","success":false,"code":"\#(code)"}"#)
        let further = status == 503 ? ["retry-after: 1"] : []
        #expect(TokenFunctionTests.fields(response) == TokenFunctionTests.common + further)
    }
}
