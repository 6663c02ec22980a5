package import FunctionCore

/// Why a request is refused. After it the connection is of no use: where the next request would begin is unknown.
package enum RequestError: MessageError, Hashable {
    case malformed(MessageFault)
    case methodTooLong
    case targetTooLong
    case headTooLarge
    case contentTooLarge
    case expectationUnknown
    case connectUnsupported
    case transferCodingUnknown
    case versionUnsupported

    /// A request has no end then (RFC 9112, section 6.3).
    package static var lastCodingNotChunked: RequestError { .malformed(.lastCoding) }

    /// What the client is told (RFC 9110, section 15).
    package var answer: HTTPError {
        switch self {
        case .malformed: .badRequest
        case .targetTooLong: .uriTooLong
        case .headTooLarge: .headersTooLarge
        case .contentTooLarge: .bodyTooLarge
        case .expectationUnknown: .expectationFailed
        case .methodTooLong, .connectUnsupported, .transferCodingUnknown: .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        }
    }

    /// For the log; it repeats nothing of what the client sent.
    package var reason: String {
        switch self {
        case .malformed(let fault): fault.rawValue
        case .methodTooLong: "method too long"
        case .targetTooLong: "target too long"
        case .headTooLarge: "head, chunk extensions or trailers too large"
        case .contentTooLarge: "content too large"
        case .expectationUnknown: "unknown expectation"
        case .connectUnsupported: "method CONNECT"
        case .transferCodingUnknown: "unknown transfer coding"
        case .versionUnsupported: "unsupported version"
        }
    }
}
