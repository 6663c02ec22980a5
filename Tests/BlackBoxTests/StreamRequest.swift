/// A request for a stream, without its token.
struct StreamRequest: Sendable {
    var workflow: String
    /// A JSON object.
    var variables: String
    /// Whether server-sent events are asked for.
    var wantsEvents = false
    var version = "1.1"
    /// Further fields, one per line.
    var fields = ""

    static func echo(_ text: String) -> StreamRequest {
        StreamRequest(workflow: "echo", variables: #"{"text":"\#(text)"}"#)
    }

    /// Counts to `end` with `interval` milliseconds between the numbers.
    static func count(to end: Int, every interval: Int = 0) -> StreamRequest {
        StreamRequest(workflow: "count", variables: #"{"to":\#(end),"interval_ms":\#(interval)}"#)
    }

    var events: StreamRequest {
        var request = self
        request.wantsEvents = true
        return request
    }

    func text(_ token: String) -> String {
        """
        POST /api/v1/run/\(workflow)/stream?token=\(token) HTTP/\(version)\r
        host: test\r
        content-length: \(variables.utf8.count)\r
        \(wantsEvents ? "accept: text/event-stream\r\n" : "")\(fields)\r
        \(variables)
        """
    }
}
