import Glibc

/// The settings of Lambda's contract.
struct LambdaOptions: Sendable {
    /// AWS_LAMBDA_RUNTIME_API.
    var api: LambdaAPI
    /// Events in flight at once (AWS_LAMBDA_MAX_CONCURRENCY); over 1 only on Lambda Managed Instances.
    var concurrency = 1
    /// Whether responses are streamed; responses to load balancers never are, since those accept no streams.
    var streams = false

    /// The InvokeMode of the function URL or the integration. It has to be set here too, because events do not tell it.
    enum InvokeMode: String, CaseIterable {
        case buffered
        case responseStream = "response_stream"
    }
}

extension LambdaOptions {
    /// Nil if AWS_LAMBDA_RUNTIME_API is wrong, which is reported to `settings`.
    init?(_ settings: inout Settings, streams: Bool) {
        let text = settings["AWS_LAMBDA_RUNTIME_API"] ?? ""
        let api = LambdaAPI(text)
        if api == nil, !text.isEmpty {
            settings.reject("AWS_LAMBDA_RUNTIME_API", "must be host:port, not \"\(text)\"")
        }
        let concurrency = settings.integer("AWS_LAMBDA_MAX_CONCURRENCY", in: 1...1024, default: 1)
        guard let api else { return nil }
        self.init(api: api, concurrency: concurrency, streams: streams)
    }
}

/// The effects of Lambda's contract on the whole process; tests replace them.
struct LambdaProcess: Sendable {
    /// Ends the process with an exit code, at once and from any thread.
    var exit: @Sendable (Int32) -> Void = { _exit($0) }
    /// Sets the variable from which tracing libraries read the trace's id. Called only while events come one at a time.
    var publish: @Sendable (_ traceID: String?) -> Void = { traceID in
        if let traceID { setenv("_X_AMZN_TRACE_ID", traceID, 1) } else { unsetenv("_X_AMZN_TRACE_ID") }
    }
}
