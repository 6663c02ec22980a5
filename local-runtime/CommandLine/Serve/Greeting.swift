import FunctionEventLoop
import LocalRuntimeConsole
import StreamTokensTokenFunction

/// What `serve` says when it listens.
struct Greeting {
    let address: SocketAddress
    let store: String
    /// The demo organization's key, if there is one.
    let secret: String?
    var pageAccess = PageAccess()
    /// Where `/metrics` is answered, if it is.
    var metrics: SocketAddress?
    /// The folder that calls are recorded in, if they are.
    var recording: String?

    var text: String {
        let url = "http://\(address.reachable)"
        var lines = ["Serving on \(url), tokens are kept \(store). Ctrl-C ends it.", "", page(url)]
        if let metrics { lines += ["", "Metrics for Prometheus: http://\(metrics.reachable)/metrics"] }
        if let recording {
            let folder = ShellText.name(recording)
            lines += ["", "Calls become fixtures in \(folder): local-runtime replay \(folder)"]
        }
        if let secret {
            lines += [
                "", "The key of the organization demo: \(secret)", "",
                "curl -H 'Authorization: Bearer \(secret)' '\(url)\(TokenFunction.path)?ttl=60'", "",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func page(_ url: String) -> String {
        guard let host = HostName(authority: address.reachable), !pageAccess.allows(host) else {
            return "Both steps, to try and to read: \(url)/"
        }
        return "The page that tries both steps answers here only with --allow-host \(host)."
    }
}
