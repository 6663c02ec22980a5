public import Function

/// What stands before a function on AWS: it makes events of requests, and of the function's answers what the client sees.
public struct PlatformFront: Sendable {
    public let kind: PlatformEvent.Kind
    let host: String
    let accountID: String

    /// `host` is the name of the front in events.
    public init(
        kind: PlatformEvent.Kind,
        host: String = "local.lambda-url.eu-central-1.on.aws",
        accountID: String = "123456789012"
    ) {
        self.kind = kind
        self.host = host
        self.accountID = accountID
    }

    /// The event that the function is handed.
    public func event(for request: Request, body: [UInt8], context: FrontContext) -> [UInt8] {
        []
    }

    /// What the client sees of the function's answer; throws if the platform would say 502.
    public func response(from bytes: [UInt8]) throws(PlatformEventError) -> Response {
        throw .unknownKind(reason: "")
    }

    /// What the client sees first of a streamed answer, whose body is empty yet; throws if the platform would say 502.
    public func streamedHead(from prelude: [UInt8]) throws(PlatformEventError) -> Response {
        throw .unknownKind(reason: "")
    }
}
