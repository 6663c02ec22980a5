import FunctionCore
import FunctionEventLoop
package import FunctionRuntime
package import StreamTokens
package import StreamTokensStreamFunction
package import StreamTokensWorkflows

/// The settings of the stream function and its workflows, from the environment.
package struct StreamSettings: Sendable {
    package let options: StreamOptions
    private let workflows: WorkflowSettings

    package init(_ settings: inout Settings) {
        workflows = WorkflowSettings(&settings)
        var options = StreamOptions()
        options.firstByte = .seconds(
            settings.integer(
                "WORKFLOW_FIRST_BYTE_SECONDS",
                in: 1...900,
                default: 30,
                "how long a workflow may take until its first output"
            )
        )
        options.maximum = .seconds(
            settings.integer("STREAM_MAX_SECONDS", in: 1...86_400, default: 300, "how long a stream may last")
        )
        options.heartbeat = .seconds(
            settings.integer(
                "HEARTBEAT_SECONDS",
                in: 1...3600,
                default: 15,
                "after so long without output, a stream of server-sent events gets a comment"
            )
        )
        let origins = "ALLOWED_ORIGINS"
        let text = settings.text(origins, default: "*", "origins whose pages may open streams, separated by commas")
        // A value of blanks is probably a list that got lost; it must not allow every page.
        if let text = text ?? (settings.isBlank(origins) ? "" : nil) {
            do throws(AllowedOrigins.Problems) {
                options.allowedOrigins = try AllowedOrigins(text)
            } catch {
                for line in error.lines { settings.reject(origins, line) }
            }
        }
        self.options = options
    }

    /// The function for the context's loop. `around` may wrap or replace the workflows. `report` receives the events of
    /// streams instead of the context's log and metrics.
    package func instance(
        for context: LoopContext,
        store: any TokenStore,
        around: (any Workflow) -> any Workflow = { $0 },
        report: StreamFunction.Report? = nil
    ) -> FunctionInstance {
        let clock = LoopClock(context.loop)
        let random = context.random
        let function = StreamFunction(
            store: store,
            workflow: around(workflows.workflow(on: context.loop)),
            clock: clock,
            randomBits: { random.next() },
            options: options,
            report: report ?? StreamReport.report(for: context)
        )
        return FunctionInstance(
            errorResponse: function.errorResponse,
            checkReadiness: { try await store.ping() },
            background: function.maintain,
            settle: function.settle,
            connectionsPerRequest: workflows.connectionsPerRun,
            knowsPath: StreamFunction.serves,
            handler: function.handle
        )
    }
}
