import Function

/// Why an event has no answer, as Lambda takes it.
struct LambdaError: Hashable, Sendable {
    /// `Function.` or `Runtime.` and a word of letters, the first a capital: else Lambda replaces it.
    let type: Headers.Value
    /// For the caller and the function's log: no secret may be in it.
    let message: String

    /// The event's kind is none that is known here.
    static func unknownEvent(_ message: String) -> Self { Self(type: "Function.UnknownEvent", message: message) }
    /// The event is no JSON, or not as its kind should be.
    static func malformedEvent(_ message: String) -> Self { Self(type: "Function.MalformedEvent", message: message) }
    static let eventTooLarge = Self(type: "Function.EventTooLarge", message: "The event is too large.")
    static let deadlineExceeded = Self(type: "Function.DeadlineExceeded", message: "The response took too long.")
    /// The body of a streamed response was broken off.
    static let responseIncomplete = Self(type: "Function.ResponseIncomplete", message: "The response was broken off.")
    static func wrongSettings(_ message: String) -> Self { Self(type: "Function.WrongSettings", message: message) }
    static func cannotStart(_ message: String) -> Self { Self(type: "Function.CannotStart", message: message) }

    var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("errorMessage", message)
            $0.member("errorType", type.string)
            $0.name("stackTrace")
            $0.array { _ in }
        }
        return json.finish()
    }

    /// What tells, behind a streamed response, that it was broken off.
    var trailers: Headers {
        // Legal by construction: base64 has visible characters only.
        [LambdaCall.errorType: type, LambdaCall.errorBody: Headers.Value(valid: Base64.encode(json))]
    }
}
