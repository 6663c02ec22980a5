import Function

/// How a client gets a stream.
enum StreamFormat: Sendable {
    /// The workflow's bytes as they come.
    case text
    /// Server-sent events.
    case events

    var contentType: Headers.Value {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .events: "text/event-stream"
        }
    }
}
