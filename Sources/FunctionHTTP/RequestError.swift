package import FunctionCore

/// Why a request is refused. The connection cannot be used afterwards: where the next request begins is unknown.
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

    /// The end of such a request cannot be determined (RFC 9112, section 6.3).
    package static var lastCodingNotChunked: RequestError { .malformed(.lastCoding) }

    /// The error that is sent to the client (RFC 9110, section 15).
    package var httpError: HTTPError {
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

    /// For the log; contains nothing that the client sent.
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
