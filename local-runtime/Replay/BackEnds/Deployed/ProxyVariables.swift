import FunctionHTTP

/// The proxies in environment variables, as curl reads them. None is ever used: a user who needs one gets an error instead
/// of waiting for a timeout.
enum ProxyVariables {
    /// The variable that names a proxy for `origin`; nil if there is none, or if its host is excepted.
    static func name(for origin: Origin, in environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        // HTTP_PROXY is not read, because in a CGI program it comes from a client's header.
        let names = origin.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        guard let name = (names + ["all_proxy", "ALL_PROXY"]).first(where: { value($0) != nil }) else { return nil }
        let exceptions = value("no_proxy") ?? value("NO_PROXY") ?? ""
        return isLocal(origin.host) || excepts(origin.host, exceptions) ? nil : name
    }

    /// Whether the host is this machine, which a proxy elsewhere cannot reach.
    private static func isLocal(_ host: String) -> Bool {
        host.lowercased() == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// `exceptions` are domains, separated by commas, which include their subdomains; `*` means all hosts.
    private static func excepts(_ host: String, _ exceptions: String) -> Bool {
        let host = host.lowercased()
        return exceptions.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { exception in
            let name = exception.drop { $0 == "." }
            return exception == "*" || host == name || host.hasSuffix(".\(name)")
        }
    }
}
