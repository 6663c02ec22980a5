import FunctionCore

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
    /// AWS_LAMBDA_RUNTIME_API (unless an adapter speaks with it in the function's place), FN_LISTENER,
    /// FUNCTIONS_CUSTOMHANDLER_PORT, and else HTTP. `exists` tells whether there is a file.
    init(_ settings: inout Settings, exists: (_ path: String) -> Bool = SystemFile.exists) {
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
        let adapter = WebAdapter.sign(in: settings, exists: exists)
        let announced = [Contract.lambda, .fn, .azure].first { contract in
            contract.announcement.map { settings[$0] != nil } == true && !(contract == .lambda && adapter != nil)
        }
        for variable in Contract.allCases.compactMap(\.announcement) + [WebAdapter.port] {
            settings.noteServiceLink(variable)
        }
        if let announced, let variable = announced.announcement {
            self.init(announced, because: "\(variable) is set")
        } else {
            let port = [WebAdapter.port, "PORT"].first { settings[$0] != nil }.map { "\($0) is set" }
            self.init(.http, because: adapter ?? port ?? "no platform announces itself")
        }
    }
}

/// The Lambda Web Adapter: an extension that speaks with Lambda's Runtime API, and with the function over HTTP
/// (https://github.com/awslabs/aws-lambda-web-adapter).
private enum WebAdapter {
    /// Where it sends requests; unless this is set it goes by PORT, as this process does.
    static let port = "AWS_LWA_PORT"

    /// By what it is known to be there, for the log; nil if it is not. Lambda starts what lies among its extensions, in an
    /// image or from a layer; a zip's bootstrap is started by a script of the layer.
    static func sign(in settings: Settings, exists: (_ path: String) -> Bool) -> String? {
        guard settings["AWS_LAMBDA_RUNTIME_API"] != nil else { return nil }
        let variables = [port] + settings.names(beginning: "AWS_LWA_")
        if let variable = variables.first(where: { settings[$0] != nil }) { return "\(variable) is set" }
        let wrapper = "AWS_LAMBDA_EXEC_WRAPPER"
        if settings[wrapper]?.hasSameBytes(as: "/opt/bootstrap") == true { return "\(wrapper) is /opt/bootstrap" }
        let extensionPath = "/opt/extensions/lambda-adapter"
        return exists(extensionPath) ? "\(extensionPath) is there" : nil
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
