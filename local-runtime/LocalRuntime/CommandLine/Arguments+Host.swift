import EventLoop

extension Arguments {
    /// The IP address of `--host` to listen on; that of this machine alone without it.
    func host() throws(CommandFailure) -> String {
        let text = self["--host"] ?? "127.0.0.1"
        let host = text == "localhost" ? "127.0.0.1" : text
        guard SocketAddress(ip: host, port: 0) != nil else {
            throw .usage("--host must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1, not \"\(text)\"")
        }
        return host
    }
}

extension SocketAddress {
    /// The address to connect to; the wildcards only stand for all of a machine's own.
    var reachable: String {
        let text = description
        for (wildcard, loopback) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] where text.hasPrefix(wildcard) {
            return loopback + text.dropFirst(wildcard.count)
        }
        return text
    }
}
