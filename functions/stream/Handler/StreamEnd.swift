import FunctionCore

/// The end of a stream of server-sent events, as its client names it when it comes back.
///
/// EventSource reconnects after every end of a response, and sends the last event's id. Any status but 200 stops it for
/// good (HTML standard, section 9.2.3). So the id of each event that ends a stream ends in ``mark``, and a request with
/// such an id gets 204.
enum StreamEnd {
    static let mark = ";end"

    /// The response to a request that names an ended stream. Its fields forbid caching, which 204 would allow (RFC 9110,
    /// section 15.3.5).
    static var response: Response { Response(.noContent, headers: .common(nil)) }

    /// Whether the Last-Event-ID of a request is that of a stream's end.
    static func isNamed(in request: Request) -> Bool {
        guard let id = request.headers[lastEventID]?.string else { return false }
        return id.utf8.suffix(mark.utf8.count).elementsEqual(mark.utf8)
    }

    static let lastEventID: Headers.Name = "last-event-id"
}
