/// What a handler answers.
public struct Response: Sendable {
    public var status: Status
    public var headers: Headers
    public var body: Body
    /// Why the answer is what it is, for the operator's log. Never sent; it must hold no secret.
    public var cause: String?
    /// The trace that the request belongs to where its caller told none, for the operator's log: 32 hexadecimal digits.
    /// Never sent.
    public var traceID: String?

    public init(_ status: Status, headers: Headers = [:], body: Body = .empty, cause: String? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.cause = cause
    }
}
