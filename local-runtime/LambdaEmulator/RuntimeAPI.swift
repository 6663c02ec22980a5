package import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// Lambda's Runtime API as the platform serves it (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
enum RuntimeAPI {
    /// The longest response that is not streamed, in bytes.
    static let responseLimit = (6 << 20) + 100
    /// The longest streamed response, in bytes.
    static let streamLimit = 200 << 20

    /// The 202 for everything that was accepted.
    static let accepted = Response(
        Status(202),
        headers: [.contentType: "application/json"],
        body: .text(#"{"status":"OK"}"#)
    )

    /// The response where the server itself refuses a request.
    static func refuse(_ refusal: Refusal) -> Response {
        guard refusal.error.status == .contentTooLarge else {
            return Response(refusal.error.status, body: .text(refusal.reason + "\n"))
        }
        return RuntimeAPIError.responseTooLarge.response
    }

    /// In effect without timeouts, so that a frozen process keeps its connections.
    static var serverOptions: ServerOptions {
        let timeout = Interval.seconds(7 * 24 * 3600)
        var options = ServerOptions()
        options.bodyLimit = streamLimit
        options.headTimeout = timeout
        options.bodyTimeout = timeout
        options.idleTimeout = timeout
        options.writeTimeout = timeout
        options.idleGrace = .milliseconds(0)
        options.cancelGrace = .milliseconds(0)
        return options
    }
}

/// Why the Runtime API refuses a call.
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
    /// The call comes from a web page, or its Host is not one of this machine's names.
    case forbidden

    var response: Response {
        let (status, type, message) = parts
        var json = JSONWriter()
        json.object {
            $0.member("errorMessage", message)
            $0.member("errorType", type)
        }
        return Response(status, headers: [.contentType: "application/json"], body: .bytes(json.finish()))
    }

    private var parts: (status: Status, type: String, message: String) {
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
            (.forbidden, "Forbidden", "Only the function's own process may call this, at the address it was given")
        }
    }
}

/// Reads content to its end, because its sender may not read a response before, and keeps it up to a limit.
actor LimitedContent: BodyWriter {
    private let limit: Int
    private(set) var count = 0
    private var kept: [UInt8] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// Nil if the content was over the limit.
    var bytes: [UInt8]? { count > limit ? nil : kept }

    func write(_ chunk: [UInt8]) {
        count += chunk.count
        if count <= limit { kept += chunk } else { kept = [] }
    }
}

extension Body {
    /// The whole body; nil if it is longer than `limit` bytes. It is read to its end either way.
    package func content(upTo limit: Int) async throws -> [UInt8]? {
        let content = LimitedContent(limit: limit)
        try await write(to: content)
        return await content.bytes
    }
}
