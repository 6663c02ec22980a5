package import FunctionCore

/// The status line and the fields of a response, and their meaning for its framing and its connection.
package struct ResponseHead: Sendable, Hashable {
    /// How the end of the content is found (RFC 9112, section 6.3).
    package enum Framing: Sendable, Hashable {
        /// There is no content, or it is empty.
        case none
        /// This many bytes, at least one.
        case length(Int)
        case chunked
        /// By the end of the connection.
        case close
    }

    package let status: Status
    package let version: HTTPVersion
    package let headers: Headers
    package let framing: Framing
    /// Whether the connection can be reused once the response was read.
    package let keepAlive: Bool
}

/// Limits above which a response is refused. Content has no limit, because the parser never collects it.
package struct ResponseLimits: Sendable, Hashable {
    /// Bytes of the head, line ends and interim responses included; chunk extensions and trailers count too.
    package var head: Int
    /// Field lines, those of interim responses and trailers included.
    package var fields: Int

    /// The default for `head` is four times that of a request: application servers, and proxies in front of them, add
    /// kilobytes of cookies, policies and traces.
    package init(head: Int = 64 * 1024, fields: Int = 256) {
        self.head = head
        self.fields = fields
    }
}

/// Why a response is refused. The connection cannot be used afterwards.
package enum ResponseError: MessageError, Hashable {
    case malformed(MessageFault)
    case headTooLarge
    case transferCodingUnknown
    case versionUnsupported
    /// 101 (Switching Protocols), which the client never asks for.
    case protocolSwitched

    /// Such content ends with the connection (RFC 9112, section 6.3), but its coding is unknown.
    package static var lastCodingNotChunked: ResponseError { .transferCodingUnknown }

    /// For the log; contains nothing that the server sent.
    package var reason: String {
        switch self {
        case .malformed(let fault): fault.rawValue
        case .headTooLarge: "head, chunk extensions or trailers too large"
        case .transferCodingUnknown: "unknown transfer coding"
        case .versionUnsupported: "unsupported version"
        case .protocolSwitched: "switch of protocols that was not requested"
        }
    }
}
