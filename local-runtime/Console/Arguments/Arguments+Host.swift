package import FunctionEventLoop

extension Arguments {
    /// The IP address to listen on, from `--host`; by default the loopback.
    package func host() throws(CommandFailure) -> String {
        let text = self["--host"] ?? "127.0.0.1"
        let host = text == "localhost" ? "127.0.0.1" : text
        guard SocketAddress(ip: host, port: 0) != nil else {
            throw .usage("--host must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1, not \"\(text)\"")
        }
        return host
    }

    /// The names of `--allow-host`.
    package func allowedHosts() throws(CommandFailure) -> [HostName] {
        try all("--allow-host").map { text throws(CommandFailure) in
            guard let host = HostName(text) else {
                throw .usage("--allow-host must be a name or an address without a port, not \"\(text)\"")
            }
            return host
        }
    }

    /// The origins of `--allow-origin`, in lower case, as browsers send them (RFC 6454, section 6.2).
    package func allowedOrigins() throws(CommandFailure) -> [String] {
        try all("--allow-origin").map { text throws(CommandFailure) in
            let origin = text.lowercased()
            guard let scheme = ["http://", "https://"].first(where: origin.hasPrefix),
                HostName(authority: String(origin.dropFirst(scheme.count))) != nil,
                !origin.dropFirst(scheme.count).contains(where: { "/?#@".contains($0) })
            else { throw .usage("--allow-origin must be an origin such as http://localhost:5173, not \"\(text)\"") }
            return origin
        }
    }
}

extension SocketAddress {
    /// The address that a client on this machine connects to: a wildcard becomes the loopback.
    package var reachable: String {
        let text = description
        for (wildcard, loopback) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] where text.hasPrefix(wildcard) {
            return loopback + text.dropFirst(wildcard.count)
        }
        return text
    }
}
