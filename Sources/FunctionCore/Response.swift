/// A response as a handler returns it.
public struct Response: Sendable {
    public var status: Status
    public var headers: Headers
    public var body: Body
    /// The reason for this response, for the operator's log. Never sent; must not contain a secret.
    public var cause: String?
    /// The trace that the handler began because the caller named none, for the operator's log: 32 hexadecimal digits.
    /// Never sent.
    public var traceID: String?

    public init(_ status: Status, headers: Headers = [:], body: Body = .empty, cause: String? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.cause = cause
    }
}
