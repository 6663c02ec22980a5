public import FunctionCore
public import FunctionEventLoop

/// The functions that a server calls for requests, refusals and finished exchanges. Each loop has a service; its
/// functions run on that loop.
public struct Service: Sendable {
    /// Responds to a request.
    public var respond: @Sendable (Request) async -> Response
    /// Whether to serve a request even above the request limit. True for health checks: under any load they must show
    /// the platform that the process is alive.
    public var isVital: @Sendable (Request) -> Bool
    /// The response to a request that the server refuses: malformed, too large, too late, or over the request limit.
    public var refuse: @Sendable (Refusal) -> Response
    /// Called after the response was written, or could not be.
    public var completed: @Sendable (Exchange) -> Void
    /// The envelope that the platform puts around requests and responses; nil if there is none. The other functions
    /// only see the contents.
    public var envelope: (any Envelope)?

    public init(
        respond: @escaping @Sendable (Request) async -> Response,
        refuse: @escaping @Sendable (Refusal) -> Response,
        completed: @escaping @Sendable (Exchange) -> Void = { _ in },
        isVital: @escaping @Sendable (Request) -> Bool = { _ in false },
        envelope: (any Envelope)? = nil
    ) {
        self.respond = respond
        self.isVital = isVital
        self.refuse = refuse
        self.completed = completed
        self.envelope = envelope
    }

    /// Takes the request out of its envelope, if there is one; returns whether ``respond`` can take it. Works in place,
    /// like ``seal(_:to:)``, so that nothing is copied where there is no envelope.
    func open(_ request: inout Request) -> Bool {
        guard let envelope else { return true }
        guard let opened = envelope.open(request) else { return false }
        request = opened
        return true
    }

    /// Puts the response into its envelope; returns the response before that, or nil if there is no envelope.
    func seal(_ response: inout Response, to request: Request) -> Response? {
        guard let envelope else { return nil }
        defer { response = envelope.seal(response, to: request) }
        return response
    }
}

/// Converts between the requests and responses of a platform and those of the client, which they carry.
public protocol Envelope: Sendable {
    /// The client's request inside the received one; nil if there is none.
    func open(_ received: Request) -> Request?
    /// The response to a received request that carries none.
    func reject(_ received: Request) -> Response
    /// The platform's response, carrying `response` to the client.
    func seal(_ response: Response, to request: Request) -> Response
}

/// Why a request was refused without a response of the handler.
///
/// A class because it is large and rare: a struct would take space in the frame of every function that throws it.
public final class Refusal: Error {
    /// The error that is sent to the client.
    public let error: HTTPError
    /// The cause, for the operator's log.
    public let reason: String
    /// The request, if its head was read.
    public let request: Request?

    init(_ error: HTTPError, _ reason: String, request: Request? = nil) {
        self.error = error
        self.reason = reason
        self.request = request
    }

    /// The same refusal with the request that it concerns.
    func of(_ request: Request?) -> Refusal {
        Refusal(error, reason, request: request)
    }
}

/// A request, its response, and whether the response was sent.
public struct Exchange: Sendable {
    /// Nil if no head was read.
    public let request: Request?
    public let response: Response
    /// From the last byte of the head to the last byte of the response.
    public let duration: Interval
    /// Whether the whole response was handed to the kernel.
    public let isComplete: Bool

    public init(request: Request?, response: Response, duration: Interval, isComplete: Bool) {
        self.request = request
        self.response = response
        self.duration = duration
        self.isComplete = isComplete
    }
}
