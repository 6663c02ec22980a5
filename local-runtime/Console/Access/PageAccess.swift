import FunctionBytes
package import FunctionCore
import FunctionEventLoop

/// Decides which requests the page's server and the Lambda emulator accept: those of programs, and those of pages that a
/// browser opened under one of this machine's own names.
///
/// Host is checked against DNS rebinding: an attacker's name may resolve to this machine, and then the attacker's page
/// has the same origin as ours. Origin and Sec-Fetch-Site (W3C Fetch Metadata, section 2.4) are checked because any page
/// can send requests here.
package struct PageAccess: Sendable {
    private let hosts: Set<HostName>

    package enum Refusal: Sendable {
        case host
        case origin
    }

    /// Allows the loopback's names and `hosts`.
    package init(allowing hosts: [HostName] = []) {
        self.hosts = HostName.loopback.union(hosts)
    }

    package func allows(_ host: HostName) -> Bool {
        hosts.contains(host)
    }

    /// Returns why a request with these fields is refused; nil if it is allowed. Programs send neither Origin nor
    /// Sec-Fetch-Site. Pages of `origins`, in lower case, have the same access as the host's own pages.
    package func refusal(of headers: Headers, allowing origins: Set<ExactText> = []) -> Refusal? {
        let authorities = headers.values(of: .host)
        guard authorities.count == 1, let host = HostName(authority: authorities[0].string), allows(host) else {
            return .host
        }
        let senders = headers.values(of: .origin)
        if senders.count == 1, origins.contains(ExactText(senders[0].string.lowercased())) { return nil }
        let authority = authorities[0].string.lowercased()
        // Both schemes: a proxy in front of an allowed host may have terminated TLS.
        let own = ["http://" + authority, "https://" + authority]
        let isOwn = senders.allSatisfy { own.contains($0.string.lowercased()) }
        let sites = headers.values(of: "sec-fetch-site")
        return isOwn && sites.allSatisfy { ["same-origin", "none"].contains($0.string) } ? nil : .origin
    }
}

/// A host as URLs write it: a name or an IPv4 address in lower case, or an IPv6 address in brackets.
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    static let loopback = Set(["127.0.0.1", "localhost", "::1"].compactMap { HostName($0) })

    /// The host of `uri-host [ ":" port ]` (RFC 9110, section 7.2); nil for any other form.
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

    /// A host as people write it, with or without brackets; nil if it has a port, a scheme or anything more.
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
    /// The name without the trailing dot of its absolute form (RFC 1034, section 3.1), which names the same host.
    fileprivate var withoutRootDot: Substring {
        utf8.last == UInt8(ascii: ".") ? Substring(utf8.dropLast()) : self
    }
}
