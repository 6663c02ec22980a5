import FunctionBytes
import FunctionCore
import FunctionEventLoop

/// A host as a URL names it: a name or an IPv4 address in lower case, or an IPv6 address in brackets.
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    static let loopback: Set<HostName> = [.init(known: "127.0.0.1"), .init(known: "localhost"), .init(known: "[::1]")]

    private init(known text: String) {
        description = text
    }

    /// The host of `uri-host [ ":" port ]` (RFC 9110, section 7.2); nil for anything else.
    package init?(authority: String) {
        let isBracketed = authority.hasPrefix("[")
        let end: String.Index
        if isBracketed {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            end = authority.index(after: bracket)
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let port = authority[end...]
        guard end > authority.startIndex, port.isEmpty || port.first == ":" else { return nil }
        guard port.dropFirst().utf8.allSatisfy(\.isDigit) else { return nil }
        description = authority[..<end].lowercased()
    }

    /// A host as somebody writes it, brackets or not; nil for anything with more to it, a port or a scheme.
    package init?(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
        if bare.contains(":") {
            guard SocketAddress(ip: bare, port: 0) != nil else { return nil }
            description = "[\(bare.lowercased())]"
        } else {
            guard !isBracketed, !text.isEmpty, text.utf8.allSatisfy(ASCIISet.hostName.contains) else { return nil }
            description = text.lowercased()
        }
    }
}
