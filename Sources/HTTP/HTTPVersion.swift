/// The versions that are spoken here (RFC 9112, section 2.3).
package enum HTTPVersion: Sendable {
    case http10
    /// And 1.2 to 1.9, which are read as it is.
    case http11
}
