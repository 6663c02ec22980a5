import Glibc

/// What Lambda's contract does to the process as a whole.
struct LambdaProcess: Sendable {
    /// Ends it, with a code, from whichever thread: nothing else runs any more.
    var exit: @Sendable (Int32) -> Void = { _exit($0) }
    /// Sets where tracing looks for the id of the trace, while there is one event at a time.
    var publish: @Sendable (_ traceID: String?) -> Void = { traceID in
        if let traceID { setenv("_X_AMZN_TRACE_ID", traceID, 1) } else { unsetenv("_X_AMZN_TRACE_ID") }
    }
}
