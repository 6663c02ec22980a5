import Foundation
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
