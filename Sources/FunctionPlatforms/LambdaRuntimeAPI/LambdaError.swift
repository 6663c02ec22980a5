package import FunctionCore

/// Why there is no response to an event, in the form that Lambda accepts.
package struct LambdaError: Hashable, Sendable {
    /// `Function.` or `Runtime.` and a word of letters that begins with a capital; Lambda replaces anything else.
    package let type: Headers.Value
    /// For the caller and the function's log; must not contain a secret.
    package let message: String

    package init(_ type: Headers.Value, _ message: String) {
        self.type = type
        self.message = message
    }

    /// The kind of the event is unknown.
    package static func unknownEvent(_ message: String) -> Self { Self("Function.UnknownEvent", message) }
    /// The event is not JSON, or not valid for its kind.
    package static func malformedEvent(_ message: String) -> Self { Self("Function.MalformedEvent", message) }
    package static let eventTooLarge = Self("Function.EventTooLarge", "The event is too large.")
    package static let deadlineExceeded = Self("Function.DeadlineExceeded", "The response took too long.")
    /// The body of a streamed response ended too early.
    package static let responseIncomplete = Self("Function.ResponseIncomplete", "The response was broken off.")
    package static func wrongSettings(_ message: String) -> Self { Self("Function.WrongSettings", message) }
    package static func cannotStart(_ message: String) -> Self { Self("Function.CannotStart", message) }

    var headers: Headers { [.contentType: "application/json", .lambdaErrorType: type] }

    package var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("errorMessage", message)
            $0.member("errorType", type.string)
            $0.name("stackTrace")
            $0.array { _ in }
        }
        return json.finish()
    }

    /// The function's side: the trailers of a streamed response that ended too early.
    package var trailers: Headers {
        // Legal by construction: base64 has only visible characters.
        [.lambdaErrorType: type, .lambdaErrorBody: Headers.Value(valid: Base64.encode(json))]
    }

    /// The trailers that may follow a streamed response.
    package static let trailerNames: [Headers.Name] = [.lambdaErrorType, .lambdaErrorBody]

    /// The platform's side: the type and the JSON of the error in a streamed response's trailers; nil if the response
    /// is complete.
    package static func told(in trailers: Headers) -> (type: String, json: [UInt8])? {
        guard let type = trailers[.lambdaErrorType] else { return nil }
        return (type.string, trailers[.lambdaErrorBody].flatMap { Base64.decode($0.string) } ?? [])
    }
}

extension Headers.Name {
    package static let lambdaErrorType: Self = "lambda-runtime-function-error-type"
    /// In base64.
    fileprivate static let lambdaErrorBody: Self = "lambda-runtime-function-error-body"
}
