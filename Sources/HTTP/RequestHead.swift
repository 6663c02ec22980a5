package import Function

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
