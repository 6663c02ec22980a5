package import Function

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

    /// What the client is answered (RFC 9110, section 15).
    package var status: Status {
        switch self {
        case .malformed: .badRequest
        case .targetTooLong: .uriTooLong
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .expectationUnknown: .expectationFailed
        case .methodTooLong, .connectUnsupported, .transferCodingUnknown: .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        }
    }

    /// The word for programs in the answer's body.
    package var code: String {
        switch self {
        case .malformed: "bad_request"
        case .targetTooLong: "uri_too_long"
        case .headTooLarge: "headers_too_large"
        case .contentTooLarge: "body_too_large"
        case .expectationUnknown: "expectation_failed"
        case .methodTooLong, .connectUnsupported, .transferCodingUnknown: "not_implemented"
        case .versionUnsupported: "http_version_not_supported"
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
