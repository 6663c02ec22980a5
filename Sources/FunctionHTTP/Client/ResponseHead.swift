package import FunctionCore

/// A response's first part: its line and its fields, and what they say about the connection.
package struct ResponseHead: Sendable, Hashable {
    /// How the end of the content is found (RFC 9112, section 6.3).
    package enum Framing: Sendable, Hashable {
        /// There is none, or it is empty.
        case none
        /// So many bytes, at least one.
        case length(Int)
        case chunked
        /// By the connection's end.
        case close
    }

    package let status: Status
    package let version: HTTPVersion
    package let headers: Headers
    package let framing: Framing
    /// Another request may follow on the connection once the response was read.
    package let keepAlive: Bool
}

/// How big a response's head may get before it is refused. Content has no limit: it is never collected.
package struct ResponseLimits: Sendable, Hashable {
    /// Bytes of the head, line ends and interim responses included; chunk extensions and trailers count too.
    package var head: Int
    /// Field lines, those of interim responses and trailers included.
    package var fields: Int

    /// Four times what a request may have: application servers and the proxies before them add cookies, policies and
    /// traces by the kilobyte.
    package init(head: Int = 64 * 1024, fields: Int = 256) {
        self.head = head
        self.fields = fields
    }
}

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
