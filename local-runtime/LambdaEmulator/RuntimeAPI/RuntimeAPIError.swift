import FunctionCore

/// What the Runtime API refuses a call with.
enum RuntimeAPIError: Error, Hashable, Sendable {
    /// The call names an invocation that this environment does not have.
    case invalidRequestID
    case invalidTransition(from: String, to: String)
    case responseTooLarge
    case truncated
    case invalidResponseMode
    case extensionEvents
    case extensionName
    case notFound
    /// A page has sent it, or who found this machine by a name that is not its own.
    case forbidden

    var status: Status {
        switch self {
        case .invalidRequestID, .truncated, .invalidResponseMode, .extensionEvents, .extensionName: .badRequest
        case .invalidTransition, .forbidden: .forbidden
        case .responseTooLarge: .contentTooLarge
        case .notFound: .notFound
        }
    }

    var type: String {
        switch self {
        case .invalidRequestID: "InvalidRequestID"
        case .invalidTransition: "InvalidStateTransition"
        case .responseTooLarge: "RequestEntityTooLarge"
        case .truncated: "TruncatedHTTPRequest"
        case .invalidResponseMode: "InvalidFunctionResponseMode"
        case .extensionEvents: "Extension.InvalidEventType"
        case .extensionName: "Extension.InvalidExtensionName"
        case .notFound: "NotFound"
        case .forbidden: "Forbidden"
        }
    }

    var message: String {
        switch self {
        case .invalidRequestID: "Invalid request ID"
        case .invalidTransition(let from, let to):
            "State transition from \(from) to \(to) failed for runtime. Error: State transition is not allowed"
        case .responseTooLarge: "Exceeded maximum allowed payload size (\(RuntimeAPI.responseLimit) bytes)."
        case .truncated: "HTTP request detected as truncated"
        case .invalidResponseMode: "Invalid function response mode"
        case .extensionEvents: "This emulator has no events for extensions; register for none"
        case .extensionName: "Lambda-Extension-Name is missing"
        case .notFound: "There is no such call"
        case .forbidden: "Only the function's own process asks here, at the address that it was told"
        }
    }

    var response: Response {
        var json = JSONWriter()
        json.object {
            $0.member("errorMessage", message)
            $0.member("errorType", type)
        }
        return Response(status, headers: [.contentType: "application/json"], body: .bytes(json.finish()))
    }
}
