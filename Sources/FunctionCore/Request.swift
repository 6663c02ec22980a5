/// What a handler is asked.
public struct Request: Sendable {
    public var method: Method
    /// The target's path as it came, percent-encoding and all: decoding it before it is split would lose slashes.
    public var path: String
    /// What follows the first `?` of the target, as it came; nil where there is none.
    public var query: String?
    public var headers: Headers
    public var body: Body
    /// What this request is called in logs and in the answer's x-request-id.
    public var id: String
    /// The IP address of whoever asks, as the proxy in front tells it; nil unless the operator has named its field.
    public var clientAddress: String?
    /// How long the platform lets the answer take from when the handler is asked; nil where it sets no limit.
    public var timeLimit: Duration?

    public init(
        method: Method = .get,
        path: String,
        query: String? = nil,
        headers: Headers = [:],
        body: Body = .empty,
        id: String = "",
        timeLimit: Duration? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.id = id
        self.timeLimit = timeLimit
    }

    /// The query's parameters, decoded.
    public var parameters: Parameters { Parameters(query ?? "") }
}
