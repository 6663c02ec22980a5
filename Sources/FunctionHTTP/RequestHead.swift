package import FunctionCore

/// A request's first part: its line and its fields, and what they say about the connection.
package struct RequestHead: Sendable, Hashable {
    /// How the end of the content is found (RFC 9112, section 6.3).
    package enum Framing: Sendable, Hashable {
        /// There is none, or it is empty.
        case none
        /// So many bytes, at least one.
        case length(Int)
        case chunked
    }

    package let method: Method
    /// The target's path as it came; `*` for `OPTIONS *`.
    package let path: String
    /// What follows the target's first `?`, as it came.
    package let query: String?
    package let version: HTTPVersion
    /// The fields; Host is the target's where that is in absolute form (RFC 9112, section 3.2.2).
    package internal(set) var headers: Headers
    package internal(set) var framing: Framing
    /// The client wants the connection to go on after the answer.
    package internal(set) var keepAlive: Bool
    /// The client waits for 100 (Continue) before it sends the content.
    package internal(set) var expectsContinue: Bool
}

/// The versions that are spoken here (RFC 9112, section 2.3).
package enum HTTPVersion: Sendable {
    case http10
    /// And 1.2 to 1.9, which are read as it is.
    case http11
}

/// How big a request may get before it is refused.
package struct RequestLimits: Sendable, Hashable {
    /// Bytes of the method; beyond them 501 (RFC 9112, section 3). The longest that is registered has 17.
    package var method: Int
    /// Bytes of the target; beyond them 414.
    package var target: Int
    /// Bytes of the head, line ends included; chunk extensions and trailers count too. Beyond them 431.
    package var head: Int
    /// Field lines, trailers included; beyond them 431.
    package var fields: Int
    /// Bytes of content; beyond them 413.
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
