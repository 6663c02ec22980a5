import FunctionCore

/// A call of Lambda's API that runs a function.
/// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
struct InvokeCall: Hashable, Sendable {
    /// What names the function, as it stands in the path.
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
}
