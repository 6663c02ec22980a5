import FunctionHTTP

/// What an environment says of proxies, as curl reads it. None is asked here; whoever has to go by one is told so, and does
/// not wait for what cannot be reached.
enum ProxyVariables {
    /// The variable that names a proxy for `origin`; nil if there is none, or its host is not to be asked by one.
    static func name(for origin: Origin, in environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        // HTTP_PROXY is not read: to a CGI program it is a header of its client's.
        let names = origin.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        guard let name = (names + ["all_proxy", "ALL_PROXY"]).first(where: { value($0) != nil }) else { return nil }
        let exceptions = value("no_proxy") ?? value("NO_PROXY") ?? ""
        return isLocal(origin.host) || excepts(origin.host, exceptions) ? nil : name
    }

    /// This machine itself, which a proxy elsewhere does not reach.
    private static func isLocal(_ host: String) -> Bool {
        host.lowercased() == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Names apart by commas, each with all that lie below it; `*` for all.
    private static func excepts(_ host: String, _ exceptions: String) -> Bool {
        let host = host.lowercased()
        return exceptions.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { exception in
            let name = exception.drop { $0 == "." }
            return exception == "*" || host == name || host.hasSuffix(".\(name)")
        }
    }
}
