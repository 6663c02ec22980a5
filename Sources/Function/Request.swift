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

    public init(
        method: Method = .get,
        path: String,
        query: String? = nil,
        headers: Headers = [:],
        body: Body = .empty,
        id: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.id = id
    }

    /// The query's parameters, decoded.
    public var parameters: Parameters { Parameters(query ?? "") }
}
