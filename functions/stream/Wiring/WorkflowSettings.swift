import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionRuntime
import FunctionTLS
import StreamTokensHTTPWorkflow
import StreamTokensWorkflows

/// The settings of the workflows: WORKFLOW_URL, and how to call it.
struct WorkflowSettings: Sendable {
    /// Nil for the built-in workflows.
    private let url: WorkflowURL?
    private let tls: TLSContext
    private let authorization: Headers.Value?
    private let silence: Duration
    private let eventLimit: Int

    init(_ settings: inout Settings) {
        url = Self.url(&settings)
        tls = Self.tls(&settings, isUsed: url?.origin.isSecure)
        authorization = Self.authorization(&settings)
        silence = .seconds(
            settings.integer(
                "WORKFLOW_SILENCE_SECONDS",
                in: 1...3600,
                default: 60,
                "how long a workflow may be silent once it has begun"
            )
        )
        eventLimit = settings.integer(
            "WORKFLOW_EVENT_BYTES",
            in: 1024...16_777_216,
            default: 1_048_576,
            "most bytes of a line, or of an event's data, in a workflow's server-sent events"
        )
    }

    /// Connections that a run opens.
    var connectionsPerRun: Int { url == nil ? 0 : 1 }

    func workflow(on loop: EventLoop) -> any Workflow {
        guard let url else { return BuiltInWorkflows(clock: LoopClock(loop)) }
        return HTTPWorkflow(
            url,
            authorization: authorization,
            silence: silence,
            eventLimit: eventLimit,
            tls: tls,
            on: loop
        )
    }

    private static func url(_ settings: inout Settings) -> WorkflowURL? {
        let builtIn = "echo and count"
        guard
            let text = settings.text("WORKFLOW_URL", default: builtIn, "http[s]://host[:port][/base] of the workflows")
        else { return nil }
        do throws(WorkflowURLError) {
            return try WorkflowURL(text)
        } catch {
            settings.reject("WORKFLOW_URL", "is not usable: \(error)")
            return nil
        }
    }

    private static func tls(_ settings: inout Settings, isUsed: Bool?) -> TLSContext {
        let name = "WORKFLOW_CA_FILE"
        let file = settings.text(name, default: "the system's", "for https://: authorities to trust (PEM)")
        let context = TLSContext(TLSOptions(authorities: file))
        if isUsed == true {
            do throws(TLSError) {
                try context.check()
            } catch {
                settings.reject(name, "is not usable: \(error)")
            }
        } else if isUsed == false, file != nil {
            settings.reject(name, "is set, but WORKFLOW_URL does not ask for TLS; write https://")
        }
        return context
    }

    private static func authorization(_ settings: inout Settings) -> Headers.Value? {
        let summary = "the Authorization field of requests to the workflows"
        guard let text = settings.secret("WORKFLOW_AUTHORIZATION", default: "none", summary) else { return nil }
        guard let value = Headers.Value(text) else {
            settings.rejectSecret("WORKFLOW_AUTHORIZATION", "must be a header's value, without line ends in it")
            return nil
        }
        return value
    }
}
