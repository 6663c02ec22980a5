package import FunctionCore

/// A call of Lambda's API that runs a function (docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
struct InvokeCall: Hashable, Sendable {
    /// The path segment that names the function, not decoded.
    let function: String
    /// Whether the response is passed on as it comes (InvokeWithResponseStream).
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

/// How a call of Lambda's API wants to run the function, from its header fields.
package struct InvokeOptions: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case wait = "RequestResponse"
        /// The caller does not wait.
        case event = "Event"
        /// The call is checked, but nothing runs.
        case dryRun = "DryRun"
    }

    package let kind: Kind
    /// Whether the response includes the end of the log.
    let wantsLog: Bool
    /// JSON, in the form for the function.
    let clientContext: Headers.Value?

    package init(_ headers: Headers, streams: Bool) throws(InvokeError) {
        let kind = Kind(rawValue: headers["x-amz-invocation-type"]?.string ?? Kind.wait.rawValue)
        guard let kind, !(kind == .event && streams) else { throw .invocationType(streams: streams) }
        self.kind = kind
        switch headers["x-amz-log-type"]?.string {
        case nil, "None": wantsLog = false
        // Only a caller that waits gets a response that can include the log.
        case "Tail": wantsLog = kind == .wait
        case let other?:
            throw .invalid(other, name: "logType", pattern: "Member must satisfy enum value set: [None, Tail]")
        }
        clientContext = try headers["x-amz-client-context"].map { value throws(InvokeError) in
            guard let bytes = Base64.decode(value.string), (try? JSONReader.read(bytes)) != nil,
                // A header value has one scalar per octet, so this passes on the UTF-8 that was sent.
                let context = Headers.Value(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
            else { throw .clientContext }
            return context
        }
    }
}
