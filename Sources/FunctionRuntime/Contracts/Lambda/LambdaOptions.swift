import Glibc

/// How the function runs under Lambda's contract.
struct LambdaOptions: Sendable {
    /// AWS_LAMBDA_RUNTIME_API.
    var api: LambdaAPI
    /// Events that this process answers at once; over 1 only on Lambda Managed Instances.
    var concurrency = 1
    /// Whether answers are streamed to whoever calls; not those of load balancers, which take none.
    var streams = false

    /// What a function URL's or an integration's InvokeMode says, and has to be said here too: events do not tell.
    enum InvokeMode: String, CaseIterable {
        case buffered
        case responseStream = "response_stream"
    }
}

extension LambdaOptions {
    /// Nil if AWS_LAMBDA_RUNTIME_API is wrong, which `settings` are told.
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

/// What Lambda's contract does to the process as a whole.
struct LambdaProcess: Sendable {
    /// Ends it, with a code, from whichever thread: nothing else runs any more.
    var exit: @Sendable (Int32) -> Void = { _exit($0) }
    /// Sets where tracing looks for the id of the trace, while there is one event at a time.
    var publish: @Sendable (_ traceID: String?) -> Void = { traceID in
        if let traceID { setenv("_X_AMZN_TRACE_ID", traceID, 1) } else { unsetenv("_X_AMZN_TRACE_ID") }
    }
}
