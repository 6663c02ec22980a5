/// HTTP on a port, as the platforms announce it in the environment.
enum HTTPContract {
    /// The port to listen on: AWS_LWA_PORT (Lambda Web Adapter), PORT (Cloud Run, Knative, OpenFaaS), or that of
    /// upstream_url, where OpenFaaS' watchdog sends its requests in its mode `http`.
    static func port(_ settings: inout Settings, default value: Int) -> Int {
        if settings["AWS_LWA_PORT"] != nil {
            return settings.integer("AWS_LWA_PORT", in: 1...65_535, default: value)
        }
        let upstream = settings["upstream_url"].flatMap(port(ofURL:))
        return settings.integer(
            "PORT",
            in: 0...65_535,
            default: upstream ?? value,
            "port to listen on; 0 picks a free one"
        )
    }

    /// How long requests still come after SIGTERM: Knative's and OpenFaaS' routers hear of it later than the process.
    static func drainSeconds(_ settings: Settings) -> Int {
        ["K_SERVICE", "upstream_url", "fprocess"].contains { settings[$0] != nil } ? 5 : 0
    }

    /// The port in `http://127.0.0.1:5000/`; nil where there is none.
    private static func port(ofURL url: String) -> Int? {
        let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
        return authority?.split(separator: ":").last.flatMap { UInt16($0) }.map(Int.init)
    }
}
