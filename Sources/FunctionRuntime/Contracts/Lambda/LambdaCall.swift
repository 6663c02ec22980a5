import Function

/// A call of Lambda's Runtime API, version 2018-06-01.
enum LambdaCall: Sendable {
    /// Asks for the next event, and waits for it.
    case next
    /// The answer to an event, whole.
    case response(id: String, [UInt8])
    /// The answer to an event, of which more follows behind this prelude.
    case streamedResponse(id: String, prelude: [UInt8])
    /// There is no answer to an event.
    case error(id: String, LambdaError)
    /// The function cannot start.
    case initError(LambdaError)

    /// What may follow a streamed response, to tell that it was broken off.
    static let trailers: [Headers.Name] = [errorType, errorBody]
    static let errorType: Headers.Name = "lambda-runtime-function-error-type"
    /// In base64.
    static let errorBody: Headers.Name = "lambda-runtime-function-error-body"

    var method: Method {
        if case .next = self { .get } else { .post }
    }

    /// Whether it is an answer to an event, and was posted whole.
    var isWhole: Bool {
        if case .response = self { true } else { false }
    }

    /// Below `/2018-06-01/runtime/`.
    var path: String {
        switch self {
        case .next: "invocation/next"
        case .response(let id, _), .streamedResponse(let id, _): "invocation/\(id)/response"
        case .error(let id, _): "invocation/\(id)/error"
        case .initError: "init/error"
        }
    }

    var headers: Headers {
        switch self {
        case .next: [:]
        case .response: [.contentType: "application/json"]
        case .streamedResponse:
            [
                .contentType: "application/vnd.awslambda.http-integration-response",
                "lambda-runtime-function-response-mode": "streaming",
            ]
        case .error(_, let error), .initError(let error):
            [.contentType: "application/json", Self.errorType: error.type]
        }
    }

    var body: [UInt8] {
        switch self {
        case .next: []
        case .response(_, let bytes), .streamedResponse(_, let bytes): bytes
        case .error(_, let error), .initError(let error): error.json
        }
    }
}
