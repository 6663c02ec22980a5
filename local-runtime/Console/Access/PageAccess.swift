import FunctionBytes
package import FunctionCore
import FunctionEventLoop

/// Who may have the page and what it asks for, or ask the emulator of Lambda: a browser that opened it under a name known
/// to be this machine's, and nobody else's page.
///
/// A name that somebody else owns may lead here (DNS rebinding), and then their page is of the same origin: only the
/// Host tells. Any page may send requests here: Origin and Sec-Fetch-Site (W3C Fetch Metadata, section 2.4) tell.
package struct PageAccess: Sendable {
    private let hosts: Set<HostName>

    package enum Refusal: Sendable {
        case host
        case origin
    }

    /// The loopback's names, and those of `hosts`.
    package init(allowing hosts: [HostName] = []) {
        self.hosts = HostName.loopback.union(hosts)
    }

    package func allows(_ host: HostName) -> Bool {
        hosts.contains(host)
    }

    /// Why a request with these fields is refused; nil if it is not. Programs send neither Origin nor Sec-Fetch-Site.
    /// Pages of `origins`, in lower case, may ask as the host's own may.
    package func refusal(of headers: Headers, allowing origins: Set<ExactText> = []) -> Refusal? {
        let authorities = headers.values(of: .host)
        guard authorities.count == 1, let host = HostName(authority: authorities[0].string), allows(host) else {
            return .host
        }
        let senders = headers.values(of: .origin)
        if senders.count == 1, origins.contains(ExactText(senders[0].string.lowercased())) { return nil }
        let authority = authorities[0].string.lowercased()
        // A proxy may have ended TLS in front of an allowed host.
        let own = ["http://" + authority, "https://" + authority]
        let isOwn = senders.allSatisfy { own.contains($0.string.lowercased()) }
        let sites = headers.values(of: "sec-fetch-site")
        return isOwn && sites.allSatisfy { ["same-origin", "none"].contains($0.string) } ? nil : .origin
    }
}

/// A host as a URL names it: a name or an IPv4 address in lower case, or an IPv6 address in brackets.
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    static let loopback = Set(["127.0.0.1", "localhost", "::1"].compactMap { HostName($0) })

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
        let name = isBracketed ? authority[..<end] : authority[..<end].withoutRootDot
        guard !name.isEmpty else { return nil }
        description = name.lowercased()
    }

    /// A host as somebody writes it, brackets or not; nil for anything with more to it, a port or a scheme.
    package init?(_ text: String) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
        if bare.contains(":") {
            guard SocketAddress(ip: bare, port: 0) != nil else { return nil }
            description = "[\(bare.lowercased())]"
        } else {
            let name = text[...].withoutRootDot
            guard !isBracketed, !name.isEmpty, name.utf8.allSatisfy(ASCIISet.hostName.contains) else { return nil }
            description = name.lowercased()
        }
    }
}

extension Substring {
    /// A name without the dot that ends it where it is written in full (RFC 1034, section 3.1): it is the same name.
    fileprivate var withoutRootDot: Substring {
        utf8.last == UInt8(ascii: ".") ? Substring(utf8.dropLast()) : self
    }
}
