package import FunctionCore

/// Why a call of Lambda's API is refused, in Lambda's words where they are known.
package enum InvokeError: Error, Hashable, Sendable {
    case wrongMethod
    /// The Host or the Origin is not allowed; the text says which.
    case forbidden(String)
    /// A value has the wrong form; `pattern` describes the right one.
    case invalid(String, name: String, pattern: String)
    case qualifiersDiffer
    case functionNotFound(String)
    /// The event is longer than this limit, in bytes.
    case tooLarge(Int)
    case noJSON(JSONError)
    case clientContext
    case invocationType(streams: Bool)
    case throttled

    package var response: Response {
        let (status, type, message) = parts
        var json = JSONWriter()
        json.object {
            if case .throttled = self { $0.member("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded") }
            $0.member("Type", "User")
            // Lambda capitalizes the name in this error only.
            if case .functionNotFound = self { $0.member("Message", message) } else { $0.member("message", message) }
        }
        let headers: Headers = [.contentType: "application/json", .cacheControl: "no-store", Self.typeField: type]
        return Response(status, headers: headers, body: .bytes(json.finish()))
    }

    /// The field by which SDKs recognize an error.
    private static let typeField: Headers.Name = "x-amzn-errortype"

    private var parts: (status: Status, type: Headers.Value, message: String) {
        switch self {
        case .wrongMethod: (.methodNotAllowed, "MethodNotAllowedException", "POST invokes a function")
        case .forbidden(let reason): (.forbidden, "AccessDeniedException", reason)
        case .invalid(let value, let name, let pattern):
            (
                .badRequest, "ValidationException",
                "1 validation error detected: Value '\(value)' at '\(name)' failed to satisfy constraint: \(pattern)"
            )
        case .qualifiersDiffer:
            (
                .badRequest, "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier."
            )
        case .functionNotFound(let function):
            (.notFound, "ResourceNotFoundException", "Function not found: \(function)")
        case .tooLarge(let limit):
            (
                .contentTooLarge, "RequestTooLargeException",
                "Request must be smaller than \(limit) bytes for the InvokeFunction operation"
            )
        case .noJSON(let error):
            (.badRequest, "InvalidRequestContentException", "Could not parse request body into json: \(error)")
        case .clientContext:
            (
                .badRequest, "InvalidRequestContentException",
                "Client context must be a valid Base64-encoded JSON object."
            )
        case .invocationType(let streams):
            (
                .badRequest, "InvalidParameterValueException",
                "X-Amz-Invocation-Type must be RequestResponse\(streams ? "" : ", Event") or DryRun"
            )
        case .throttled: (Status(429), "TooManyRequestsException", "Rate Exceeded.")
        }
    }
}
