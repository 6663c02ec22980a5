import FunctionBytes

/// A request method (RFC 9110, section 9): a case-sensitive token.
public struct Method: Hashable, Sendable, CustomStringConvertible {
    public let name: String

    /// Nil if `name` is not a token (RFC 9110, section 5.6.2).
    public init?(_ name: String) {
        guard !name.isEmpty, name.utf8.allSatisfy(ASCIISet.token.contains) else { return nil }
        self.name = name
    }

    /// Unchecked: the caller knows that this is a token.
    package init(token name: String) {
        self.name = name
    }

    public var description: String { name }

    public static let get = Method(token: "GET")
    public static let head = Method(token: "HEAD")
    public static let post = Method(token: "POST")
    public static let put = Method(token: "PUT")
    public static let patch = Method(token: "PATCH")
    public static let delete = Method(token: "DELETE")
    public static let options = Method(token: "OPTIONS")
}
