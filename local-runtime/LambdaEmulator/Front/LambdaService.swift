import FoundationEssentials
package import FunctionCore
import FunctionEventLoop
package import FunctionPlatforms
package import LocalRuntimeConsole

/// What callers of the emulator talk to: the function as a URL (or another front of AWS), and Lambda's own invoke calls.
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
        // Digits, letters and hyphens.
        response.headers["x-amzn-requestid"] = Headers.Value(valid: id)
        return response
    }

    /// An invocation with the trace that its caller has begun, or one of its own, which is not sampled.
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

/// Who may ask the emulator: programs, and pages that it may be asked by. A page of any site can reach this machine, and
/// what it finds here runs a program with the settings of whoever started it.
package struct LambdaAccess: Sendable {
    private let page: PageAccess
    private let origins: Set<ExactText>

    /// `hosts` are names that it answers at besides this machine's own, `origins` are those whose pages may ask the
    /// function by its URL, in lower case. They may not ask Lambda's API, which no browser can.
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
                "Lambda's emulator answers at 127.0.0.1, localhost and [::1] only. Start it with --allow-host HOST to have "
                    + "it answer at another name."
            )
        case .origin where isInvocation: .forbidden("Another site's page may not invoke a function here.")
        case .origin:
            .forbidden(
                "Another site's page may not ask this function. Start the emulator with --allow-origin ORIGIN to let it."
            )
        }
    }
}
