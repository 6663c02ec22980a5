public import Function

extension Log {
    /// Whether lines for the audit are written, as AUDIT_LOG says.
    public enum Audit: String, CaseIterable, Sendable {
        case on
        case off
    }

    /// Writes a line about who was given, or refused, what: whatever level is logged, unless the audit is off.
    ///
    /// `members` adds to the event and the request's ids. No secret may be in it.
    public func audit(
        _ event: String,
        requestID: String,
        traceID: String?,
        _ members: (inout JSONWriter) -> Void
    ) {
        guard audit == .on else { return }
        append(.info, "audit") {
            $0.member("event", event)
            $0.member("request_id", requestID)
            if let traceID { $0.member("trace_id", traceID) }
            members(&$0)
        }
    }
}
