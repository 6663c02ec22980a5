import FunctionCore

/// How a platform and a function's process talk to each other.
public enum Contract: String, CaseIterable, Sendable {
    /// HTTP/1.1 on a port: Cloud Run, Knative, OpenFaaS, the Lambda Web Adapter, and most others.
    case http
    /// AWS Lambda: the process polls the Runtime API for events.
    case lambda
    /// An Azure custom handler: HTTP on a loopback port. A setting of the host decides whether it passes a stream on as
    /// it comes.
    case azure
    /// Fn and OCI Functions: HTTP on a unix socket, each request wrapped in another.
    case fn

    /// The environment variables that choose the contract, and the address to serve at.
    public static let variables: Set<String> = Set(allCases.compactMap(\.announcement)).union([
        "FUNCTION_CONTRACT", "AWS_LWA_PORT", "PORT", "HOST", "upstream_url",
    ])

    /// The variable that the platform sets, and that the contract needs; nil for HTTP, which needs none.
    var announcement: String? {
        switch self {
        case .http: nil
        case .lambda: "AWS_LAMBDA_RUNTIME_API"
        case .azure: "FUNCTIONS_CUSTOMHANDLER_PORT"
        case .fn: "FN_LISTENER"
        }
    }
}

/// A contract, and the reason why it was chosen.
public struct ContractChoice: Hashable, Sendable {
    public let contract: Contract
    /// For the log, such as `PORT is set`.
    public let reason: String

    public init(_ contract: Contract, because reason: String) {
        self.contract = contract
        self.reason = reason
    }

    /// Chooses by the first of these variables that is set: FUNCTION_CONTRACT, AWS_LAMBDA_RUNTIME_API (unless the
    /// Lambda Web Adapter polls it for the function), FN_LISTENER, FUNCTIONS_CUSTOMHANDLER_PORT; HTTP if none is.
    /// `exists` returns whether a file exists.
    init(_ settings: inout Settings, exists: (_ path: String) -> Bool = SystemFile.exists) {
        let named: Contract? = settings.choice(
            "FUNCTION_CONTRACT",
            default: "by environment",
            "contract with the platform: \(Contract.allCases.map(\.rawValue).joined(separator: ", "))"
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

/// The Lambda Web Adapter: an extension that polls Lambda's Runtime API and calls the function over HTTP
/// (https://github.com/awslabs/aws-lambda-web-adapter).
private enum WebAdapter {
    /// The port that it calls; if this is not set it uses PORT, as this process does.
    static let port = "AWS_LWA_PORT"

    /// The evidence that the adapter runs, for the log; nil if there is none. Lambda starts every file in
    /// /opt/extensions, from an image or a layer; the layer's script /opt/bootstrap wraps the bootstrap of a zip.
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

/// The settings for HTTP on a port that differ between platforms.
enum HTTPContract {
    /// The port to listen on: AWS_LWA_PORT (Lambda Web Adapter), PORT (Cloud Run, Knative, OpenFaaS), or the port in
    /// upstream_url, the URL that OpenFaaS' watchdog calls in its mode `http`.
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

    /// How long requests still come after SIGTERM, in seconds: the routers of Knative, Cloud Run and OpenFaaS learn
    /// later than the process that it ends. Knative and Cloud Run set K_SERVICE; OpenFaaS' watchdog has the others.
    static func drainSeconds(_ settings: Settings) -> Int {
        ["K_SERVICE", "upstream_url", "fprocess"].contains { settings[$0] != nil } ? 5 : 0
    }

    /// The port in a URL such as `http://127.0.0.1:5000/`; nil if it has none.
    private static func port(ofURL url: String) -> Int? {
        let authority = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
        return authority?.split(separator: ":").last.flatMap { UInt16($0) }.map(Int.init)
    }
}
