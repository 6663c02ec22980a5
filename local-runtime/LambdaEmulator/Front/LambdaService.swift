import FoundationEssentials
package import FunctionCore
import FunctionEventLoop
package import FunctionPlatforms
package import LocalRuntimeConsole

/// The emulator's HTTP service: the function behind a function URL (or another AWS gateway), and Lambda's invoke calls.
package struct LambdaService: Sendable {
    /// The longest event, in bytes.
    static let eventLimit = PlatformEvent.sizeLimit

    package let pool: EnvironmentPool
    package let settings: LambdaSettings
    package let front: GatewaySimulator
    package let log: Output
    package var access = LambdaAccess()

    package init(
        pool: EnvironmentPool,
        settings: LambdaSettings,
        front: GatewaySimulator,
        log: Output,
        access: LambdaAccess = LambdaAccess()
    ) {
        self.pool = pool
        self.settings = settings
        self.front = front
        self.log = log
        self.access = access
    }

    package func respond(to request: Request) async -> Response {
        let id = UUID().uuidString.lowercased()
        let call = InvokeCall(request.path)
        var response =
            if let refusal = access.refusal(of: request.headers, isInvocation: call != nil) {
                refusal.response
            } else if let call {
                await invoke(call, request, id: id)
            } else {
                await ask(request, id: id)
            }
        // A UUID has only digits, letters and hyphens.
        response.headers["x-amzn-requestid"] = Headers.Value(valid: id)
        return response
    }

    /// An invocation with its caller's trace, or with a new one that is not sampled.
    func invocation(
        _ id: String,
        _ event: [UInt8],
        of request: Request,
        clientContext: Headers.Value? = nil,
        keepsLog: Bool = false
    ) -> LambdaInvocation {
        LambdaInvocation(
            id: id,
            event: event,
            traceID: request.headers[.xAmznTraceID] ?? Self.traceID(),
            clientContext: clientContext,
            keepsLog: keepsLog
        )
    }

    /// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    private static func traceID() -> Headers.Value {
        let digits = UUID().uuidString.lowercased().filter { $0 != "-" }
        let time = String(WallClock.milliseconds / 1000, radix: 16)
        let parent = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16)
        return Headers.Value(valid: "Root=1-\(time)-\(digits.prefix(24));Parent=\(parent);Sampled=0")
    }
}

/// Who may call the emulator: programs, and pages of allowed origins. Any site's page can reach this machine, and the
/// emulator runs a program with the settings of the user who started it.
package struct LambdaAccess: Sendable {
    private let page: PageAccess
    private let origins: Set<ExactText>

    /// `hosts` are host names that are accepted besides this machine's own. `origins`, in lower case, are those whose pages
    /// may call the function by its URL, but not Lambda's API, which browsers cannot call on AWS either.
    package init(allowing hosts: [HostName] = [], origins: [String] = []) {
        page = PageAccess(allowing: hosts)
        self.origins = Set(origins.map { ExactText($0) })
    }

    /// Why a request with these fields is refused; nil if it is not.
    package func refusal(of headers: Headers, isInvocation: Bool) -> InvokeError? {
        switch page.refusal(of: headers, allowing: isInvocation ? [] : origins) {
        case nil: nil
        case .host:
            .forbidden(
                "The Lambda emulator accepts only the hosts 127.0.0.1, localhost and [::1]. Start it with --allow-host HOST "
                    + "to allow another one."
            )
        case .origin where isInvocation: .forbidden("Another site's page may not invoke a function here.")
        case .origin:
            .forbidden(
                "Another site's page may not call this function. Start the emulator with --allow-origin ORIGIN to allow it."
            )
        }
    }
}
