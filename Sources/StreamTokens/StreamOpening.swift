/// When the response to a request for a stream begins.
public enum StreamOpening: String, CaseIterable, Sendable {
    /// With the workflow's first output, once the token is used. Until then the status can say what went wrong.
    case atFirstByte = "at_first_byte"
    /// Once the token is reserved, for streams of server-sent events: a workflow may be silent for longer than proxies
    /// wait for a response. The token is still used only when the workflow begins.
    case atOnce = "at_once"
}
