public import FunctionCore
public import FunctionEventLoop

/// What a server asks for answers, and tells of them. One for each loop: its parts run there.
public struct Service: Sendable {
    /// Answers a request.
    public var respond: @Sendable (Request) async -> Response
    /// Whether a request is answered however many are, and counts as none: what tells a platform that the process lives.
    public var isVital: @Sendable (Request) -> Bool
    /// The answer to what never became a request for ``respond``: malformed, too large, too late, or one too many.
    public var refuse: @Sendable (Refusal) -> Response
    /// Told when the response was written, or could not be.
    public var completed: @Sendable (Exchange) -> Void
    /// What the platform puts around the requests and responses that the others know; nil if that is nothing.
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

    /// Takes the request out of its envelope, if there are any; answers whether it is one that ``respond`` takes. In
    /// place, as ``seal(_:to:)``: where there are no envelopes nothing is copied.
    func open(_ request: inout Request) -> Bool {
        guard let envelope else { return true }
        guard let opened = envelope.open(request) else { return false }
        request = opened
        return true
    }

    /// Puts the response into its envelope; answers what it was, or nil if there are no envelopes.
    func seal(_ response: inout Response, to request: Request) -> Response? {
        guard let envelope else { return nil }
        defer { response = envelope.seal(response, to: request) }
        return response
    }
}

/// How a client's request stands within the platform's, and its response within the platform's.
public protocol Envelope: Sendable {
    /// The request within the one that was received; nil if there is none.
    func open(_ received: Request) -> Request?
    /// The response to what was received with none within.
    func reject(_ received: Request) -> Response
    /// What carries the response to a request that was within another.
    func seal(_ response: Response, to request: Request) -> Response
}

/// Why a server refuses a request by itself.
///
/// A class, for it is large and rare: functions that throw it would else make room for it in every frame.
public final class Refusal: Error {
    /// What the client is told.
    public let error: HTTPError
    /// What was wrong, for the operator's log.
    public let reason: String
    /// The request, if its head was read.
    public let request: Request?

    init(_ error: HTTPError, _ reason: String, request: Request? = nil) {
        self.error = error
        self.reason = reason
        self.request = request
    }

    /// The same with the request that it is about.
    func of(_ request: Request?) -> Refusal {
        Refusal(error, reason, request: request)
    }
}

/// A request and what became of its response.
public struct Exchange: Sendable {
    /// Nil where no head was read.
    public let request: Request?
    public let response: Response
    /// From the head's last byte to the response's.
    public let duration: Interval
    /// Whether the response was handed to the kernel whole.
    public let isComplete: Bool

    public init(request: Request?, response: Response, duration: Interval, isComplete: Bool) {
        self.request = request
        self.response = response
        self.duration = duration
        self.isComplete = isComplete
    }
}
