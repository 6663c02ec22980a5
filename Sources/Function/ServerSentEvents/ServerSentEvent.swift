/// One event of an event stream (HTML standard, section 9.2).
public struct ServerSentEvent: Hashable, Sendable {
    /// Its type; nil is the standard's `message`.
    public var type: String?
    /// Its data, lines apart by line feeds.
    public var data: String
    /// What a client that reconnects sends as Last-Event-ID; nil leaves that as it was.
    public var id: String?
    /// How long a client waits before it reconnects, in milliseconds; nil leaves that as it was.
    public var retry: Int?

    public init(type: String? = nil, data: String, id: String? = nil, retry: Int? = nil) {
        self.type = type
        self.data = data
        self.id = id
        self.retry = retry
    }
}
