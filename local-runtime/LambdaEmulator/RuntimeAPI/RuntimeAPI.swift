import FunctionCore
import FunctionEventLoop
import FunctionHTTP

/// Lambda's Runtime API as the platform serves it: limits, and what it says.
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
enum RuntimeAPI {
    /// The longest response that is not streamed, in bytes.
    static let responseLimit = (6 << 20) + 100
    /// The longest that is streamed.
    static let streamLimit = 200 << 20

    /// 202 of what was taken.
    static let accepted = Response(
        Status(202),
        headers: [.contentType: "application/json"],
        body: .text(#"{"status":"OK"}"#)
    )

    /// What the server itself refuses.
    static func refuse(_ refusal: Refusal) -> Response {
        guard refusal.error.status == .contentTooLarge else {
            return Response(refusal.error.status, body: .text(refusal.reason + "\n"))
        }
        return RuntimeAPIError.responseTooLarge.response
    }

    /// A frozen process keeps its connections, however long.
    static var serverOptions: ServerOptions {
        let patience = Interval.seconds(7 * 24 * 3600)
        var options = ServerOptions()
        options.bodyLimit = streamLimit
        options.headTimeout = patience
        options.bodyTimeout = patience
        options.idleTimeout = patience
        options.writeTimeout = patience
        options.idleGrace = .milliseconds(0)
        options.cancelGrace = .milliseconds(0)
        return options
    }
}
