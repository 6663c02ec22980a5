import FunctionBytes
package import FunctionCore

/// What Lambda tells of an event beside it, in the fields of the response to `next`.
package struct InvocationFields: Hashable, Sendable {
    /// Names it in the calls that answer it. The rest may be missing: only the id may be relied on.
    package let id: String
    /// When it has to be answered, in milliseconds since 1970; nil if that is unknown.
    package let deadline: Int?
    /// X-Ray's.
    package let traceID: Headers.Value?

    private static let minute: Int = 60_000
    private static let day: Int = 24 * 60 * minute

    /// The function's side: nil if there is no id that can stand in a path. `now` is in milliseconds since 1970.
    package init?(_ headers: Headers, now: Int) {
        guard let id = headers[.lambdaRequestID]?.string, !id.isEmpty,
            id.utf8.allSatisfy(ASCIISet.unreserved.contains)
        else { return nil }
        self.id = id
        traceID = headers[.lambdaTraceID].flatMap { $0.string.isEmpty ? nil : $0 }
        let deadline = headers[.lambdaDeadline].flatMap { Int($0.string) }
        // Emulators tell others than Lambda does; and so it is where the machine's clock is far off.
        self.deadline = deadline.flatMap { (now - Self.minute...now + Self.day).contains($0) ? $0 : nil }
    }

    /// The platform's side. `id` has digits, letters and hyphens, `functionARN` what a legal name of a function leaves.
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
