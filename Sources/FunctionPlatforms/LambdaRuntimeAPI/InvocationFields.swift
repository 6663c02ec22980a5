import FunctionBytes
package import FunctionCore

/// The properties of an event that Lambda sends in the fields of the response to `next`.
package struct InvocationFields: Hashable, Sendable {
    /// Identifies the event in the calls that respond to it. Only the id is certain; the other fields may be missing.
    package let id: String
    /// When the response is due, in milliseconds since 1970; nil if unknown.
    package let deadline: Int?
    /// The trace id of X-Ray.
    package let traceID: Headers.Value?

    private static let minute: Int = 60_000
    private static let day: Int = 24 * 60 * minute

    /// The function's side: nil unless there is an id that is legal in a path. `now` is in milliseconds since 1970.
    package init?(_ headers: Headers, now: Int) {
        guard let id = headers[.lambdaRequestID]?.string, !id.isEmpty,
            id.utf8.allSatisfy(ASCIISet.unreserved.contains)
        else { return nil }
        self.id = id
        traceID = headers[.lambdaTraceID].flatMap { $0.string.isEmpty ? nil : $0 }
        let deadline = headers[.lambdaDeadline].flatMap { Int($0.string) }
        // Emulators send deadlines that Lambda would not, and the machine's clock may be far off.
        self.deadline = deadline.flatMap { (now - Self.minute...now + Self.day).contains($0) ? $0 : nil }
    }

    /// The platform's side. `id` consists of digits, letters and hyphens; `functionARN` ends in a legal function name.
    package static func headers(
        id: String,
        deadline: Int,
        functionARN: String,
        traceID: Headers.Value,
        clientContext: Headers.Value?
    ) -> Headers {
        var headers: Headers = [
            .contentType: "application/json",
            .lambdaRequestID: Headers.Value(valid: id),
            .lambdaDeadline: Headers.Value(deadline),
            .lambdaFunctionARN: Headers.Value(valid: functionARN),
            .lambdaTraceID: traceID,
        ]
        headers[.lambdaClientContext] = clientContext
        return headers
    }
}

extension Headers.Name {
    fileprivate static let lambdaRequestID: Self = "lambda-runtime-aws-request-id"
    fileprivate static let lambdaDeadline: Self = "lambda-runtime-deadline-ms"
    fileprivate static let lambdaFunctionARN: Self = "lambda-runtime-invoked-function-arn"
    fileprivate static let lambdaTraceID: Self = "lambda-runtime-trace-id"
    fileprivate static let lambdaClientContext: Self = "lambda-runtime-client-context"
}
