import EventLoop
import TokenFunction

/// What `serve` says when it listens.
struct Greeting {
    let address: SocketAddress
    let store: String
    /// The demo organization's key, if there is one.
    let secret: String?
    var pageAccess = PageAccess()

    var text: String {
        let url = "http://\(reachable)"
        var lines = ["Serving on \(url), tokens are kept \(store). Ctrl-C ends it.", "", page(url)]
        if let secret {
            lines += [
                "", "The key of the organization demo: \(secret)", "",
                "curl -H 'Authorization: Bearer \(secret)' '\(url)\(TokenFunction.path)?ttl=60'", "",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func page(_ url: String) -> String {
        guard let host = HostName(authority: reachable), !pageAccess.allows(host) else {
            return "Both steps, to try and to read: \(url)/"
        }
        return "The page that tries both steps answers here only with --allow-host \(host)."
    }

    /// The address to connect to; the wildcards only stand for all of a machine's own.
    private var reachable: String {
        let text = address.description
        for (wildcard, loopback) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] where text.hasPrefix(wildcard) {
            return loopback + text.dropFirst(wildcard.count)
        }
        return text
    }
}
