package import FunctionCore
package import FunctionRuntime
package import StreamTokens
package import StreamTokensRedemption

extension Log {
    /// Writes an audit line about a request that redeems a token.
    package func audit(_ event: String, _ origin: RequestOrigin, _ members: (inout JSONWriter) -> Void) {
        audit(event, requestID: origin.requestID, traceID: origin.traceID, client: origin.client) {
            if let workflow = origin.workflow { $0.member("workflow", workflow) }
            if let user = origin.user { $0.member("end_user", user) }
            members(&$0)
        }
    }
}

extension JSONWriter {
    /// The parts of a token that are not secret.
    package mutating func member(_ token: StreamToken) {
        member("organization_tag", token.tag.text)
        member("token", token.id)
    }
}
