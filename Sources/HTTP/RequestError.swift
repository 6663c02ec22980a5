package import Function

/// Why a request is refused. After it the connection is of no use: where the next request would begin is unknown.
package enum RequestError: Error, Hashable {
    /// What breaks the syntax, or makes the message's end ambiguous.
    package enum Fault: String, Sendable {
        case bareCarriageReturn = "CR without LF"
        case bareLineFeed = "LF without CR"
        case emptyLines = "more than one empty line before the request line"
        case requestLine = "malformed request line"
        case method = "illegal character in the method"
        case target = "malformed target"
        case version = "malformed version"
        case fold = "field line begins with a blank"
        case fieldLine = "field line without a colon"
        case fieldName = "illegal field name"
        case fieldValue = "illegal character in a field value"
        case host = "no Host, more than one, or a malformed one"
        case contentLength = "malformed or repeated Content-Length"
        case lengthAndCoding = "Content-Length beside Transfer-Encoding"
        case transferCoding = "malformed Transfer-Encoding"
        case codingInHTTP10 = "Transfer-Encoding in HTTP/1.0"
        case chunkSize = "malformed chunk size"
        case chunkExtension = "malformed chunk extension"
        case chunkEnd = "chunk is not followed by CRLF"
    }

    case malformed(Fault)
    case targetTooLong
    case headTooLarge
    case contentTooLarge
    case expectationUnknown
    case connectUnsupported
    case transferCodingUnknown
    case versionUnsupported

    /// What the client is answered (RFC 9110, section 15).
    package var status: Status {
        switch self {
        case .malformed: .badRequest
        case .targetTooLong: .uriTooLong
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .expectationUnknown: .expectationFailed
        case .connectUnsupported, .transferCodingUnknown: .notImplemented
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
        case .connectUnsupported, .transferCodingUnknown: "not_implemented"
        case .versionUnsupported: "http_version_not_supported"
        }
    }

    /// For the log; it repeats nothing of what the client sent.
    package var reason: String {
        switch self {
        case .malformed(let fault): fault.rawValue
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
