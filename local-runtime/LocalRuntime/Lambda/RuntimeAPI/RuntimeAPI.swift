import EventLoop
import Function
import HTTP

/// Lambda's Runtime API as it is on the wire: its calls, headers and limits.
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
enum RuntimeAPI {
    /// The longest response that is not streamed, in bytes.
    static let responseLimit = (6 << 20) + 100
    /// The longest that is streamed.
    static let streamLimit = 200 << 20

    enum Call: Hashable, Sendable {
        case next
        case response(String)
        case error(String)
        case initError
        case register
        case extensionNext

        init?(_ method: Method, _ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
            switch (method, parts.first, parts.dropFirst().first, Array(parts.dropFirst(2))) {
            case (.get, "2018-06-01", "runtime", ["invocation", "next"]): self = .next
            case (.post, "2018-06-01", "runtime", ["init", "error"]): self = .initError
            case (.post, "2018-06-01", "runtime", let rest) where rest.count == 3 && rest[0] == "invocation":
                switch rest[2] {
                case "response": self = .response(rest[1])
                case "error": self = .error(rest[1])
                default: return nil
                }
            case (.post, "2020-01-01", "extension", ["register"]): self = .register
            case (.get, "2020-01-01", "extension", ["event", "next"]): self = .extensionNext
            default: return nil
            }
        }
    }

    /// 202 of what was taken.
    static let accepted = Response(
        Status(202),
        headers: [.contentType: "application/json"],
        body: .text(#"{"status":"OK"}"#)
    )

    /// What the server itself refuses.
    static func refuse(_ refusal: Refusal) -> Response {
        guard refusal.status == .contentTooLarge else {
            return Response(refusal.status, body: .text(refusal.reason + "\n"))
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
        options.lastCall = .milliseconds(0)
        options.farewell = .milliseconds(0)
        return options
    }
}

extension Headers.Name {
    static let lambdaRequestID: Self = "lambda-runtime-aws-request-id"
    static let lambdaDeadline: Self = "lambda-runtime-deadline-ms"
    static let lambdaFunctionARN: Self = "lambda-runtime-invoked-function-arn"
    static let lambdaTraceID: Self = "lambda-runtime-trace-id"
    static let lambdaClientContext: Self = "lambda-runtime-client-context"
    static let lambdaResponseMode: Self = "lambda-runtime-function-response-mode"
    static let lambdaErrorType: Self = "lambda-runtime-function-error-type"
    static let lambdaErrorBody: Self = "lambda-runtime-function-error-body"
    static let lambdaExtensionName: Self = "lambda-extension-name"
    static let lambdaExtensionID: Self = "lambda-extension-identifier"
}
