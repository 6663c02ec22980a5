package import FunctionCore

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
        guard senders.allSatisfy({ own.contains($0.string.lowercased()) }) else {
            return .origin
        }
        guard headers.values(of: Self.site).allSatisfy({ ["same-origin", "none"].contains($0.string) }) else {
            return .origin
        }
        return nil
    }

    private static let site: Headers.Name = "sec-fetch-site"
}
