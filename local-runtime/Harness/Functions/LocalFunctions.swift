package import FunctionEventLoop
package import FunctionRuntime
package import StreamTokens
package import StreamTokensAdmitWiring
package import StreamTokensStreamFunction
package import StreamTokensStreamWiring
import StreamTokensTokenFunction
package import StreamTokensTokenWiring
package import StreamTokensWorkflows

/// The functions of this package, put together for one loop. Every command, replay and test gets them from here.
package struct LocalFunctions: Sendable {
    /// All of them as one. Each serves its own path; any other path gets the token function's 404.
    package let instance: FunctionInstance
    /// Renews the leases of all streams once, as each second does.
    package let renewLeases: @Sendable () async -> Void

    /// `around` and `report` are as in ``StreamSettings/function(for:store:around:report:)``.
    package init(
        _ settings: FunctionSettings,
        for context: LoopContext,
        store: any TokenStore,
        around: (any Workflow) -> any Workflow = { $0 },
        report: StreamFunction.Report? = nil
    ) {
        let token = settings.tokens.instance(for: context, store: store)
        let streamFunction = settings.streams.function(for: context, store: store, around: around, report: report)
        renewLeases = streamFunction.renew
        let stream = settings.streams.instance(of: streamFunction)
        let admit = settings.admissions.instance(for: context, store: store)
        let all = PackageFunction.all(token: token, stream: stream, admit: admit)
        instance = .routed(all.map { ($0.serves, $0.instance) }, otherwise: token)
    }
}

extension LoopContext {
    /// For functions without a log and metrics.
    package static func silent(on loop: EventLoop) -> LoopContext {
        LoopContext(
            loop: loop,
            // The first one would also do the work that is done once per process.
            index: 1,
            log: Log(on: loop, level: .error, audit: .off, sink: LogSink()),
            random: SystemRandom()
        )
    }
}

/// The settings that affect responses.
package struct FunctionSettings: Sendable {
    /// Their names in the environment.
    package static let names = [
        "TOKEN_TTL_POLICY", "ALLOWED_ORIGINS", "STREAM_OPENS", "STREAM_RESUME_SECONDS", "STREAM_RESUME_MAX_SECONDS",
        "WORKFLOW_FIRST_BYTE_SECONDS", "ADMIT_URI_HEADER", "ADMIT_METHOD_HEADER", "ADMIT_HOST_HEADER",
        "ADMIT_WORKFLOW_PATH", "ADMIT_WORKFLOW_HEADER", "ADMIT_SECRET", "ADMIT_REFUSE_AS", "ADMIT_STATUS",
    ]

    package let tokens: TokenSettings
    package let streams: StreamSettings
    package let admissions: AdmitSettings

    /// Whether streams of server-sent events begin before their workflows do.
    package var opensAtOnce: Bool { streams.options.opens == .atOnce }

    /// Whether streams of server-sent events can be resumed.
    package var resumes: Bool { streams.resumes }

    package init(_ settings: inout Settings) {
        tokens = TokenSettings(&settings)
        streams = StreamSettings(&settings)
        admissions = AdmitSettings(&settings, origins: streams.options.allowedOrigins)
    }
}
