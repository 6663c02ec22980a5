package import FunctionCore

/// The request line and the fields of a request, and their meaning for its framing and its connection.
package struct RequestHead: Sendable, Hashable {
    /// How the end of the content is found (RFC 9112, section 6.3).
    package enum Framing: Sendable, Hashable {
        /// There is no content, or it is empty.
        case none
        /// This many bytes, at least one.
        case length(Int)
        case chunked
    }

    package let method: Method
    /// The path of the target as received; `*` for `OPTIONS *`.
    package let path: String
    /// The part of the target after its first `?`, as received.
    package let query: String?
    package let version: HTTPVersion
    /// The header fields. If the target is in absolute form, Host is taken from it (RFC 9112, section 3.2.2).
    package internal(set) var headers: Headers
    package internal(set) var framing: Framing
    /// Whether the client wants to keep the connection after the response.
    package internal(set) var keepAlive: Bool
    /// Whether the client waits for 100 (Continue) before it sends the content.
    package internal(set) var expectsContinue: Bool
}

/// The supported versions (RFC 9112, section 2.3).
package enum HTTPVersion: Sendable {
    case http10
    /// Also 1.2 to 1.9, which are read as 1.1.
    case http11
}

/// Limits above which a request is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the method; more get 501 (RFC 9112, section 3). The longest registered one has 17.
    package var method: Int
    /// Bytes of the target; more get 414.
    package var target: Int
    /// Bytes of the head, line ends included; chunk extensions and trailers count too. More get 431.
    package var head: Int
    /// Field lines, trailers included; more get 431.
    package var fields: Int
    /// Bytes of content; more get 413.
    package var body: Int

    package init(
        method: Int = 32,
        target: Int = 8 * 1024,
        head: Int = 16 * 1024,
        fields: Int = 100,
        body: Int = 1024 * 1024
    ) {
        self.method = method
        self.target = target
        self.head = head
        self.fields = fields
        self.body = body
    }
}
