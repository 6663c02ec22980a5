/// The request that caused an event, for the audit and the log.
package struct RequestOrigin: Sendable {
    package let requestID: String
    /// The id of the caller's trace, or of a new one.
    package let traceID: String
    /// The name of the workflow; nil if the request names no valid one.
    package let workflow: String?
    /// The client's address; nil if unknown.
    package let client: String?
    /// The end user whom the token's policy names; nil if it names none, and before the token is reserved.
    package var user: String?

    package init(requestID: String, traceID: String, workflow: String?, client: String?) {
        self.requestID = requestID
        self.traceID = traceID
        self.workflow = workflow
        self.client = client
    }
}
