public import FunctionCore
public import FunctionEventLoop

/// A function as one loop runs it.
public struct FunctionInstance: Sendable {
    /// Answers its requests.
    public var handler: Handler
    /// Answers for it what no handler can.
    public var errorResponse: ErrorResponse
    /// Whether it can do its work now; throws the reason if not, for the log.
    public var checkReadiness: @Sendable () async throws -> Void
    /// Runs beside the requests from the start on. Its task is cancelled when they have ended, and waited for.
    public var background: @Sendable () async -> Void
    /// Does what is due now and would else wait for ``background``: where the process is frozen between two requests, it is
    /// called before that, and waited for.
    public var settle: @Sendable () async -> Void
    /// Connections that a request opens for itself, at most: descriptors are kept free for them.
    public var connectionsPerRequest: Int
    /// Whether a path is the function's own, so that nothing is taken off it: asked only where PATH_PREFIX is set.
    public var knowsPath: @Sendable (_ path: String) -> Bool
    /// Paths whose requests are logged as health's are, at debug: what is asked for again and again.
    public var quietPaths: Set<String>

    public init(
        errorResponse: @escaping ErrorResponse = FunctionInstance.plainErrorResponse,
        checkReadiness: @escaping @Sendable () async throws -> Void = {},
        background: @escaping @Sendable () async -> Void = {},
        settle: @escaping @Sendable () async -> Void = {},
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
        self.connectionsPerRequest = connectionsPerRequest
        self.knowsPath = knowsPath
        self.quietPaths = quietPaths
    }

    /// `{"error":"…","success":false,"code":"…"}`, for functions that have no form of their own.
    public static let plainErrorResponse: ErrorResponse = { error, _ in
        let words = error.code?.split(separator: "_").joined(separator: " ")
        let text = words.map { "The request was refused: \($0)." } ?? error.text
        var response = HTTPError(error.status, error.code, text).response()
        response.headers.remove(.referrerPolicy)
        return response
    }
}

/// What a function's instance is given by the loop it runs on.
public struct LoopContext: Sendable {
    public let loop: EventLoop
    /// Which of the loops it is, from 0: what is to be done once in a process, the first does.
    public let index: Int
    public let log: Log
    /// This loop's source of random bits.
    public let random: SystemRandom
    /// What this loop counts; nil where nobody asks for it.
    public let metrics: LoopMetrics?
    /// Whether the process runs on between requests. On Lambda it is frozen, and what no request waits for has no time.
    public let runsBetweenRequests: Bool

    package init(
        loop: EventLoop,
        index: Int,
        log: Log,
        random: SystemRandom,
        metrics: LoopMetrics? = nil,
        runsBetweenRequests: Bool = true
    ) {
        self.loop = loop
        self.index = index
        self.log = log
        self.random = random
        self.metrics = metrics
        self.runsBetweenRequests = runsBetweenRequests
    }
}

extension FunctionInstance {
    /// The most bytes of an answer that are collected: what the platforms that do not stream hand on.
    static let maxCollected = 6 << 20

    /// `response` with its whole body at hand, for platforms that hand it on only then; or why there is none.
    package func collected(_ response: Response, to request: Request) async -> Response {
        var answer = response
        do {
            answer.body = .bytes(try await response.body.collect(upTo: Self.maxCollected))
        } catch let error as Body.TooLarge {
            answer = errorResponse(.responseTooLarge, request)
            answer.cause = "over \(error.limit) bytes, and this platform does not stream"
        } catch {
            answer = errorResponse(.responseIncomplete, request)
            answer.cause = "the body was broken off"
        }
        answer.traceID = response.traceID
        return answer
    }
}
