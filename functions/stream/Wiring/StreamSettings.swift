import FunctionCore
import FunctionEventLoop
package import FunctionRuntime
package import StreamTokens
import StreamTokensRedemption
import StreamTokensRedemptionWiring
package import StreamTokensStreamFunction
package import StreamTokensWorkflows

/// The settings of the stream function and its workflows, from the environment.
package struct StreamSettings: Sendable {
    package let options: StreamOptions
    private let workflows: WorkflowSettings

    package init(_ settings: inout Settings) {
        workflows = WorkflowSettings(&settings)
        var options = StreamOptions()
        options.opens = settings.choice(
            "STREAM_OPENS",
            default: options.opens,
            "at_first_byte, or at_once: events begin before a slow workflow does"
        )
        options.firstByte = .seconds(
            settings.integer(
                "WORKFLOW_FIRST_BYTE_SECONDS",
                in: 1...900,
                default: 30,
                "how long a workflow may take until its first output"
            )
        )
        options.maximum = .seconds(
            settings.integer(
                "STREAM_MAX_SECONDS",
                in: 1...86_400,
                default: 300,
                "how long a stream may last from its workflow's first output"
            )
        )
        options.heartbeat = .seconds(
            settings.integer(
                "HEARTBEAT_SECONDS",
                in: 1...3600,
                default: 15,
                "after so long without output, a stream of server-sent events gets a comment"
            )
        )
        options.allowedOrigins = AllowedOrigins(&settings)
        self.options = options
    }

    /// The function for the context's loop, for the runtime.
    package func instance(for context: LoopContext, store: any TokenStore) -> FunctionInstance {
        instance(of: function(for: context, store: store))
    }

    /// The function for the context's loop. `around` may wrap or replace the workflows. `report` receives the events of
    /// streams instead of the context's log and metrics.
    package func function(
        for context: LoopContext,
        store: any TokenStore,
        around: (any Workflow) -> any Workflow = { $0 },
        report: StreamFunction.Report? = nil
    ) -> StreamFunction {
        let clock = LoopClock(context.loop)
        let random = context.random
        sayOpening(context)
        return StreamFunction(
            store: store,
            workflow: around(workflows.workflow(on: context.loop)),
            clock: clock,
            randomBits: { random.next() },
            options: options,
            report: report ?? StreamReport.report(for: context)
        )
    }

    /// The function for the runtime.
    package func instance(of function: StreamFunction) -> FunctionInstance {
        FunctionInstance(
            errorResponse: function.errorResponse,
            checkReadiness: function.checkReadiness,
            background: function.maintain,
            settle: function.settle,
            connectionsPerRequest: workflows.connectionsPerRun,
            knowsPath: StreamFunction.serves,
            handler: function.handle
        )
    }

    /// Says at the start where STREAM_OPENS has an effect.
    private func sayOpening(_ context: LoopContext) {
        guard options.opens == .atOnce, context.index == 0 else { return }
        if context.collectsResponses {
            context.log.write(.warning, "STREAM_OPENS has no effect") {
                $0.member("cause", "this contract collects responses, so streams open at_first_byte")
            }
        } else {
            context.log.write(.info, "streams open at once") {
                $0.member("except", "plain text, and where the platform collects responses: at_first_byte")
            }
        }
    }
}
