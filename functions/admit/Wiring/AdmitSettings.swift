import FunctionCore
import FunctionEventLoop
package import FunctionRuntime
package import StreamTokens
package import StreamTokensAdmitFunction
package import StreamTokensRedemption
import StreamTokensRedemptionWiring

/// The settings of the admit function, from the environment.
package struct AdmitSettings: Sendable {
    package let options: AdmitOptions

    /// `origins` are ALLOWED_ORIGINS, if they were read already: otherwise a problem with them would be reported twice.
    package init(_ settings: inout Settings, origins: AllowedOrigins? = nil) {
        var options = AdmitOptions()
        if let field = Self.field(
            "ADMIT_URI_HEADER",
            default: "X-Original-URI",
            "the one header in which the proxy names the request's URI",
            &settings
        ) {
            options.uriField = field
        }
        if let field = Self.field(
            "ADMIT_METHOD_HEADER",
            default: "X-Original-Method",
            "the header in which the proxy names the request's method",
            &settings
        ) {
            options.methodField = field
        }
        if let field = Self.field(
            "ADMIT_HOST_HEADER",
            default: "Host",
            "the header in which the proxy names the host that the request was sent to",
            &settings
        ) {
            options.hostField = field
        }
        options.workflowPath = Self.workflowPath(&settings)
        options.workflowField = Self.field(
            "ADMIT_WORKFLOW_HEADER",
            default: "none",
            "the header in which the proxy names the workflow",
            &settings
        )
        options.secret = Self.secret(&settings)
        options.refusesAs = settings.choice(
            "ADMIT_REFUSE_AS",
            default: options.refusesAs,
            "status, or nginx: 401 or 403 only, with the code in X-Error-Code"
        )
        let status = settings.choice(
            "ADMIT_STATUS",
            default: AdmissionStatus.noContent,
            "the status that lets a request pass: 204, or 200 for Envoy"
        )
        options.status = status == .ok ? .ok : .noContent
        options.allowedOrigins = origins ?? AllowedOrigins(&settings)
        self.options = options
    }

    /// The function for the context's loop.
    package func instance(for context: LoopContext, store: any TokenStore) -> FunctionInstance {
        let random = context.random
        let function = AdmitFunction(
            store: store,
            clock: LoopClock(context.loop),
            randomBits: { random.next() },
            options: options,
            report: AdmitReport.report(for: context)
        )
        return FunctionInstance(
            errorResponse: function.errorResponse,
            checkReadiness: function.checkReadiness,
            background: function.maintain,
            settle: function.settle,
            knowsPath: AdmitFunction.serves,
            handler: function.handle
        )
    }

    /// Says at the start what a missing setting means.
    package func sayMissing(_ context: LoopContext) {
        guard options.secret == nil, context.index == 0 else { return }
        context.log.write(.warning, "ADMIT_SECRET is not set") {
            $0.member("cause", "if the proxy asks twice about a request, the second answer is that its token is used")
        }
    }

    private static func field(
        _ name: String,
        default value: String,
        _ summary: String,
        _ settings: inout Settings
    ) -> Headers.Name? {
        guard let text = settings.text(name, default: value, summary) else { return nil }
        guard let field = Headers.Name(text) else {
            settings.reject(name, "must be the name of a header, not \"\(text)\"")
            return nil
        }
        return field
    }

    private static func workflowPath(_ settings: inout Settings) -> WorkflowPath? {
        let name = "ADMIT_WORKFLOW_PATH"
        let summary = "where the request's path has the workflow's name, such as /ws/{workflow}"
        guard let text = settings.text(name, default: "none", summary) else { return nil }
        guard let path = WorkflowPath(text) else {
            let form = "a path of letters, digits, -, ., _ and ~ with a segment \(WorkflowPath.placeholder)"
            settings.reject(name, "must be \(form), not \"\(text)\"")
            return nil
        }
        return path
    }

    private static func secret(_ settings: inout Settings) -> ProxySecret? {
        let name = "ADMIT_SECRET"
        let summary = "what the proxy shows in X-Admit-Secret: its repeated questions about a request are one"
        guard let text = settings.secret(name, default: "none", summary) else { return nil }
        guard let secret = ProxySecret(text) else {
            settings.rejectSecret(name, "must have at least \(ProxySecret.minLength) characters")
            return nil
        }
        return secret
    }
}

/// The values of ADMIT_STATUS.
private enum AdmissionStatus: String, CaseIterable {
    case noContent = "204"
    /// Envoy takes every other status for a refusal.
    case ok = "200"
}
