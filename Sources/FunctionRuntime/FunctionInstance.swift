public import FunctionCore
public import FunctionEventLoop

/// A function as one loop runs it: its handler, and what the runtime calls around it.
public struct FunctionInstance: Sendable {
    /// Responds to the function's requests.
    public var handler: Handler
    /// Makes the response to a request that the runtime refuses before a handler sees it.
    public var errorResponse: ErrorResponse
    /// Returns if the function can do its work now; throws the reason otherwise, for the log.
    public var checkReadiness: @Sendable () async throws -> Void
    /// Runs from the start, beside the requests. When they have ended, its task is cancelled and awaited.
    public var background: @Sendable () async -> Void
    /// Does now what would otherwise wait for ``background``. Awaited before the process is frozen, on platforms that
    /// freeze it between requests.
    public var settle: @Sendable () async -> Void
    /// Returns once nothing goes on beside the requests. Awaited while draining, when the requests have ended, until
    /// GRACE_SECONDS are over; then its task is cancelled.
    public var finish: @Sendable () async -> Void
    /// The most connections that a request opens for itself: the runtime keeps descriptors free for them.
    public var connectionsPerRequest: Int
    /// Whether a path is one of the function's, so that no prefix is removed from it. Called only if PATH_PREFIX is
    /// set.
    public var knowsPath: @Sendable (_ path: String) -> Bool
    /// Paths that are requested again and again: their requests are logged at debug, as those for health are.
    public var quietPaths: Set<String>

    public init(
        errorResponse: @escaping ErrorResponse = FunctionInstance.plainErrorResponse,
        checkReadiness: @escaping @Sendable () async throws -> Void = {},
        background: @escaping @Sendable () async -> Void = {},
        settle: @escaping @Sendable () async -> Void = {},
        finish: @escaping @Sendable () async -> Void = {},
        connectionsPerRequest: Int = 0,
        knowsPath: @escaping @Sendable (_ path: String) -> Bool = { _ in false },
        quietPaths: Set<String> = [],
        handler: @escaping Handler
    ) {
        self.handler = handler
        self.errorResponse = errorResponse
        self.checkReadiness = checkReadiness
        self.background = background
        self.settle = settle
        self.finish = finish
        self.connectionsPerRequest = connectionsPerRequest
        self.knowsPath = knowsPath
        self.quietPaths = quietPaths
    }

    /// `{"error":"…","success":false,"code":"…"}`, for functions that do not have their own form of errors.
    public static let plainErrorResponse: ErrorResponse = { error, _ in
        let words = error.code?.split(separator: "_").joined(separator: " ")
        let text = words.map { "The request was refused: \($0)." } ?? error.text
        var response = HTTPError(error.status, error.code, text).response()
        response.headers.remove(.referrerPolicy)
        return response
    }
}

/// What the loop provides to the function's instance on it.
public struct LoopContext: Sendable {
    public let loop: EventLoop
    /// The loop's number, from 0; loop 0 does what is done once in a process.
    public let index: Int
    public let log: Log
    /// This loop's source of random bits.
    public let random: SystemRandom
    /// This loop's metrics; nil if METRICS_PORT is not set.
    public let metrics: LoopMetrics?
    /// False on Lambda, which freezes the process between requests: work that no request waits for gets no time there.
    public let runsBetweenRequests: Bool
    /// Whether no response can be streamed: the contract collects each one before its client gets any of it.
    public let collectsResponses: Bool

    package init(
        loop: EventLoop,
        index: Int,
        log: Log,
        random: SystemRandom,
        metrics: LoopMetrics? = nil,
        runsBetweenRequests: Bool = true,
        collectsResponses: Bool = false
    ) {
        self.loop = loop
        self.index = index
        self.log = log
        self.random = random
        self.metrics = metrics
        self.runsBetweenRequests = runsBetweenRequests
        self.collectsResponses = collectsResponses
    }
}

extension FunctionInstance {
    /// The most bytes of a body that are collected: the limit of the platforms that do not stream.
    static let maxCollected = 6 << 20

    /// `response` with its whole body in memory, for platforms that do not stream; an error's response if the body is
    /// too large or breaks off.
    package func collected(_ response: Response, to request: Request) async -> Response {
        var whole = response
        do {
            whole.body = .bytes(try await response.body.collect(upTo: Self.maxCollected))
        } catch let error as Body.TooLarge {
            whole = errorResponse(.responseTooLarge, request)
            whole.cause = "over \(error.limit) bytes, and this platform does not stream"
        } catch {
            whole = errorResponse(.responseIncomplete, request)
            whole.cause = "the body was broken off"
        }
        whole.traceID = response.traceID
        return whole
    }
}
