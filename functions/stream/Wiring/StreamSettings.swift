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
    /// Whether streams can be resumed.
    package var resumes: Bool { options.resumes }

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
        options.resumeWindow = .seconds(
            settings.integer(
                "STREAM_RESUME_SECONDS",
                in: 0...300,
                default: 0,
                "for how long a stream of events can be resumed once nobody reads it; 0: not at all"
            )
        )
        let longest = settings.integer(
            "STREAM_RESUME_MAX_SECONDS",
            in: 0...300,
            default: "STREAM_RESUME_SECONDS",
            "the most that a token's policy can ask for instead"
        )
        options.maxResumeWindow = longest.map { .seconds($0) } ?? options.resumeWindow
        options.logBytes = settings.integer(
            "STREAM_LOG_BYTES",
            in: 524_288...67_108_864,
            default: 1_048_576,
            "most bytes of the log of a stream that can be resumed"
        )
        options.logs = LogBudget(
            limit: settings.integer(
                "STREAM_LOGS_BYTES",
                in: 1_048_576...1_099_511_627_776,
                default: 268_435_456,
                "most bytes of all these logs of the process; beyond it streams cannot be resumed"
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
        // Not on Lambda yet, which freezes the process while nobody reads.
        let canRun = !context.collectsResponses && context.runsBetweenRequests
        let runs = canRun ? store as? any RunStore : nil
        sayResuming(context, isPossible: runs != nil)
        return StreamFunction(
            store: store,
            runs: runs,
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
            finish: function.finish,
            connectionsPerRequest: workflows.connectionsPerRun,
            knowsPath: StreamFunction.serves,
            handler: function.handle
        )
    }

    /// Says at the start where streams cannot be resumed though they should be.
    private func sayResuming(_ context: LoopContext, isPossible: Bool) {
        guard options.resumes, context.index == 0, !isPossible else { return }
        let setting = options.resumeWindow > .zero ? "STREAM_RESUME_SECONDS" : "STREAM_RESUME_MAX_SECONDS"
        context.log.write(.warning, "\(setting) has no effect") {
            let collects = "this contract collects responses, which cannot be resumed"
            let freezes = "this platform freezes the process while nobody reads"
            let other = context.runsBetweenRequests ? "the store keeps no logs of streams" : freezes
            $0.member("cause", context.collectsResponses ? collects : other)
        }
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
