package import FunctionCore
import StreamTokens

/// Where a request comes from, as browsers say it.
extension Request {
    /// Whether a page of one of `origins` has sent it. The origins are written as browsers write them, in lower case.
    ///
    /// Browsers leave Origin out of a GET to the page's own origin, which EventSource sends. Such a request is known by
    /// `Sec-Fetch-Site: same-origin` (Fetch Metadata, section 2.3), which no script can set, and by its Host.
    package func comes(from origins: [String]) -> Bool {
        let named = headers.values(of: .origin)
        guard named.isEmpty else {
            return named.allSatisfy { value in
                let origin = PageOrigin.lowercased(value.string)
                return origins.contains { $0.hasSameBytes(as: origin) }
            }
        }
        let hosts = headers.values(of: .host)
        guard hosts.count == 1, isSameOrigin else { return false }
        let host = PageOrigin.lowercased(hosts[0].string)
        return origins.contains { Self.isHost(host, of: $0) }
    }

    private var isSameOrigin: Bool {
        let sites = headers.values(of: "sec-fetch-site")
        return sites.count == 1 && sites[0].string.hasSameBytes(as: "same-origin")
    }

    /// Whether a Host, in lower case, is that of a web origin, both without the scheme's default port (RFC 6454, section
    /// 5).
    private static func isHost(_ host: String, of origin: String) -> Bool {
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")] where origin.utf8.starts(with: scheme.utf8) {
            let authority = Substring(origin.utf8.dropFirst(scheme.utf8.count))
            return host[...].without(port).elementsEqual(authority.without(port))
        }
        return false
    }
}

extension Substring {
    /// Its bytes without the port at its end.
    fileprivate func without(_ port: String) -> Substring.UTF8View {
        utf8.suffix(port.utf8.count).elementsEqual(port.utf8) ? utf8.dropLast(port.utf8.count) : utf8
    }
}
