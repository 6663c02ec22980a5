package import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// Lambda's Runtime API as the platform serves it (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
enum RuntimeAPI {
    /// The longest response that is not streamed, in bytes.
    static let responseLimit = (6 << 20) + 100
    /// The longest that is streamed.
    static let streamLimit = 200 << 20

    /// 202 of what was taken.
    static let accepted = Response(
        Status(202),
        headers: [.contentType: "application/json"],
        body: .text(#"{"status":"OK"}"#)
    )

    /// What the server itself refuses.
    static func refuse(_ refusal: Refusal) -> Response {
        guard refusal.error.status == .contentTooLarge else {
            return Response(refusal.error.status, body: .text(refusal.reason + "\n"))
        }
        return RuntimeAPIError.responseTooLarge.response
    }

    /// A frozen process keeps its connections, however long.
    static var serverOptions: ServerOptions {
        let patience = Interval.seconds(7 * 24 * 3600)
        var options = ServerOptions()
        options.bodyLimit = streamLimit
        options.headTimeout = patience
        options.bodyTimeout = patience
        options.idleTimeout = patience
        options.writeTimeout = patience
        options.idleGrace = .milliseconds(0)
        options.cancelGrace = .milliseconds(0)
        return options
    }
}

/// What the Runtime API refuses a call with.
enum RuntimeAPIError: Error, Hashable, Sendable {
    /// The call names an invocation that this environment does not have.
    case invalidRequestID
    case invalidTransition(from: String, to: String)
    case responseTooLarge
    case truncated
    case invalidResponseMode
    case extensionEvents
    case extensionName
    case notFound
    /// A page has sent it, or who found this machine by a name that is not its own.
    case forbidden

    var response: Response {
        let (status, type, message) = answer
        var json = JSONWriter()
        json.object {
            $0.member("errorMessage", message)
            $0.member("errorType", type)
        }
        return Response(status, headers: [.contentType: "application/json"], body: .bytes(json.finish()))
    }

    private var answer: (status: Status, type: String, message: String) {
        switch self {
        case .invalidRequestID: (.badRequest, "InvalidRequestID", "Invalid request ID")
        case .invalidTransition(let from, let to):
            (
                .forbidden, "InvalidStateTransition",
                "State transition from \(from) to \(to) failed for runtime. Error: State transition is not allowed"
            )
        case .responseTooLarge:
            (
                .contentTooLarge, "RequestEntityTooLarge",
                "Exceeded maximum allowed payload size (\(RuntimeAPI.responseLimit) bytes)."
            )
        case .truncated: (.badRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
        case .invalidResponseMode: (.badRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
        case .extensionEvents:
            (
                .badRequest, "Extension.InvalidEventType",
                "This emulator has no events for extensions; register for none"
            )
        case .extensionName: (.badRequest, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing")
        case .notFound: (.notFound, "NotFound", "There is no such call")
        case .forbidden:
            (.forbidden, "Forbidden", "Only the function's own process asks here, at the address that it was told")
        }
    }
}

/// Reads content to its end, before which its sender may read no answer, and keeps what is not over a limit.
actor LimitedContent: BodyWriter {
    private let limit: Int
    private(set) var count = 0
    private var kept: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Nil if there was more than the limit.
    var bytes: [UInt8]? { count > limit ? nil : kept }

    func write(_ chunk: [UInt8]) {
        count += chunk.count
        if count <= limit { kept += chunk } else { kept = [] }
    }
}

extension Body {
    /// All of it; nil if it is longer than `limit` bytes, which is told only at its end.
    package func content(upTo limit: Int) async throws -> [UInt8]? {
        let content = LimitedContent(limit: limit)
        try await write(to: content)
        return await content.bytes
    }
}
