/// Where in a JSON text a value stands (RFC 6901). The whole text is the empty pointer.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    package private(set) var tokens: [String] = []

    /// The text as a whole.
    public static let root = JSONPointer()

    package func appending(_ name: String) -> JSONPointer {
        var pointer = self
        pointer.tokens.append(name)
        return pointer
    }

    package func appending(_ index: Int) -> JSONPointer {
        appending(String(index))
    }

    public var description: String {
        tokens.map { token in
            // Section 3: `~` first, or the `~` of `~1` would be escaped again.
            "/"
                + token.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
        }.joined()
    }
}
