import Function

/// How a client gets a stream.
enum StreamFormat: Sendable {
    /// The workflow's bytes as they come.
    case text
    /// Server-sent events.
    case events

    /// The fields of a stream.
    var fields: Headers {
        var headers = Headers.answer(self == .text ? "text/plain; charset=utf-8" : "text/event-stream")
        // A proxy that compressed it would hold it back until its buffer is full (RFC 9111, section 5.2.2.6).
        headers[.cacheControl] = "no-store, no-transform"
        // Proxies such as nginx would else collect what is to be seen as it comes.
        headers.append("x-accel-buffering", "no")
        return headers
    }
}
