public import Function
import FunctionBytes

/// Which workflow to run, for whom, and on what.
public struct WorkflowCall: Sendable {
    /// The workflow's name, `[A-Za-z0-9_-]{1,64}`.
    public let workflow: String
    /// The members of a JSON object.
    public let variables: [JSON.Member]
    /// The same as JSON text, as its sender wrote it where there was a text.
    public let variablesText: [UInt8]
    /// The name of the organization that is charged.
    public let organization: String
    /// What the request is called in logs.
    public let requestID: String
    /// The trace that the request belongs to (W3C Trace Context, section 3.2).
    public let traceparent: String
    /// What tracing systems tell beside it (section 3.3); empty where nothing was told.
    public let tracestate: String

    public init(
        workflow: String,
        variables: [JSON.Member] = [],
        variablesText: [UInt8] = Array("{}".utf8),
        organization: String,
        requestID: String = "",
        traceparent: String = "",
        tracestate: String = ""
    ) {
        self.workflow = workflow
        self.variables = variables
        self.variablesText = variablesText
        self.organization = organization
        self.requestID = requestID
        self.traceparent = traceparent
        self.tracestate = tracestate
    }

    /// Whether a workflow can have that name.
    public static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
    }

    /// The variable of that name.
    public subscript(_ name: String) -> JSON? {
        variables.value(of: name)
    }
}
