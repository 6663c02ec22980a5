import Function

/// A call of Lambda's API that runs a function.
/// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
struct InvokeCall: Hashable, Sendable {
    /// A name, or more of an ARN.
    let function: String
    /// Whether the answer is passed on as it comes (InvokeWithResponseStream).
    let streams: Bool

    /// Nil for any other path.
    init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0].isEmpty, parts[2] == "functions" else { return nil }
        switch (parts[1], parts[4]) {
        case ("2015-03-31", "invocations"): streams = false
        case ("2021-11-15", "response-streaming-invocations"): streams = true
        default: return nil
        }
        function = parts[3]
    }

    static let throttled = error(
        Status(429),
        "TooManyRequestsException",
        "Rate Exceeded.",
        reason: "ReservedFunctionConcurrentInvocationLimitExceeded"
    )

    static func error(_ status: Status, _ type: Headers.Value, _ message: String, reason: String? = nil) -> Response {
        var json = JSONWriter()
        json.object {
            if let reason { $0.member("Reason", reason) }
            $0.member("Type", "User")
            $0.member("message", message)
        }
        let headers: Headers = [.contentType: "application/json", "x-amzn-errortype": type]
        return Response(status, headers: headers, body: .bytes(json.finish()))
    }
}
