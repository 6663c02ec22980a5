/// What a platform and a function's process expect of each other.
public enum Contract: String, CaseIterable, Sendable {
    /// HTTP/1.1 on a port: Cloud Run, Knative, OpenFaaS, the Lambda Web Adapter, and most others.
    case http
    /// AWS Lambda: events asked for from its Runtime API.
    case lambda
    /// An Azure custom handler: HTTP on a loopback port. Whether the host hands a stream on as it comes is its own setting.
    case azure
    /// Fn and OCI Functions: HTTP on a unix socket, the request within a request.
    case fn

    /// The variables that say which contract it is, and where.
    public static let variables: Set<String> = Set(allCases.compactMap(\.announcement)).union([
        "FUNCTION_CONTRACT", "AWS_LWA_PORT", "PORT", "HOST", "upstream_url",
    ])

    /// The variable by which the platform announces itself, which has to be there.
    var announcement: String? {
        switch self {
        case .http: nil
        case .lambda: "AWS_LAMBDA_RUNTIME_API"
        case .azure: "FUNCTIONS_CUSTOMHANDLER_PORT"
        case .fn: "FN_LISTENER"
        }
    }
}

/// A contract, and why it is this one.
public struct ContractChoice: Hashable, Sendable {
    public let contract: Contract
    /// For the log: `PORT is set`.
    public let reason: String

    public init(_ contract: Contract, because reason: String) {
        self.contract = contract
        self.reason = reason
    }

    /// Chooses by what the platform has put into the environment, the first of these: FUNCTION_CONTRACT,
    /// AWS_LAMBDA_RUNTIME_API (unless AWS_LWA_PORT says that an adapter speaks with it), FN_LISTENER,
    /// FUNCTIONS_CUSTOMHANDLER_PORT, and else HTTP.
    init(_ settings: inout Settings) {
        let named: Contract? = settings.choice(
            "FUNCTION_CONTRACT",
            default: "by environment",
            Contract.allCases.map(\.rawValue).joined(separator: ", ")
        )
        if let named {
            if let variable = named.announcement, settings[variable] == nil {
                settings.reject("FUNCTION_CONTRACT", "is \(named.rawValue), which needs \(variable) to be set")
            }
            self.init(named, because: "FUNCTION_CONTRACT is set")
            return
        }
        let isAdapted = settings["AWS_LWA_PORT"] != nil
        let announced = [Contract.lambda, .fn, .azure].first { contract in
            contract.announcement.map { settings[$0] != nil } == true && !(contract == .lambda && isAdapted)
        }
        if let announced, let variable = announced.announcement {
            self.init(announced, because: "\(variable) is set")
        } else {
            let variable = ["AWS_LWA_PORT", "PORT"].first { settings[$0] != nil }
            self.init(.http, because: variable.map { "\($0) is set" } ?? "no platform announces itself")
        }
    }
}

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
