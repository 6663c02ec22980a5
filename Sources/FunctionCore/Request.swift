/// A request as a handler receives it.
public struct Request: Sendable {
    public var method: Method
    /// The target's path, still percent-encoded: decoding before splitting would confuse `%2F` with a slash.
    public var path: String
    /// The part of the target after its first `?`, not decoded; nil if there is no `?`.
    public var query: String?
    public var headers: Headers
    public var body: Body
    /// The id of this request in logs and in the response's x-request-id.
    public var id: String
    /// The client's IP address as reported by the proxy in front; nil unless the operator has named the proxy's field.
    public var clientAddress: String?
    /// The time that the platform allows for the response, from the call of the handler on; nil if it sets no limit.
    public var timeLimit: Duration?
    /// Whether the platform collects the response's whole body before its client gets any of it, as far as the runtime
    /// knows.
    public var isCollected = false
    /// Whether the platform joins repeated fields, so that a comma in a field may stand between two of them.
    public var hasJoinedFields = false

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
