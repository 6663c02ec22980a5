package import Function

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
