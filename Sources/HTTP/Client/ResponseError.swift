/// Why a response is refused. After it the connection is of no use.
package enum ResponseError: MessageError, Hashable {
    case malformed(MessageFault)
    case headTooLarge
    case transferCodingUnknown
    case versionUnsupported
    /// 101 (Switching Protocols), which nobody had asked for.
    case protocolSwitched

    /// It goes on to the connection's end (RFC 9112, section 6.3), in a coding that nobody here knows.
    package static var lastCodingNotChunked: ResponseError { .transferCodingUnknown }

    /// For the log; it repeats nothing of what the server sent.
    package var reason: String {
        switch self {
        case .malformed(let fault): fault.rawValue
        case .headTooLarge: "head, chunk extensions or trailers too large"
        case .transferCodingUnknown: "unknown transfer coding"
        case .versionUnsupported: "unsupported version"
        case .protocolSwitched: "a switch of protocols that was not asked for"
        }
    }
}
