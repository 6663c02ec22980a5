import FunctionCore
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensWorkflows

/// The state before a call, as far as the response depended on it, and what the store holds afterwards.
///
/// Results that the store returned during the call take precedence over its present state, because other calls may have
/// come between.
struct RecordedGiven: Sendable {
    /// The organization's name in all recordings, because the real one may be a customer's.
    static let organization = "acme"

    /// The organization's key, as a fixture gives it; nil if there is none.
    var key: JSON?
    var credits: Int?
    var maxStreams: Int?
    var token: JSON?
    var isStoreDown = false
    var workflow: JSON?
    var settings: JSON?
    /// What the store holds afterwards; nil if the expectation does not check it.
    var tokenState: JSON?
    var organizationState: JSON?

    var json: JSON? {
        let organization: JSON? = (key ?? token).map { _ in
            .object([
                "name": .string(Self.organization),
                "credits": credits.map(JSON.number),
                "max_streams": maxStreams.map(JSON.number),
                "keys": .array([key ?? .object(["secret": .string(Placeholders.key(1))])]),
                "tokens": token.map { .array([$0]) },
            ])
        }
        let given = JSON.object([
            "organizations": organization.map { .array([$0]) },
            "store": isStoreDown ? .string("down") : nil,
            "workflow": workflow,
            "settings": settings,
        ])
        return given == .object([]) ? nil : given
    }

    var store: JSON? {
        guard tokenState != nil || organizationState != nil else { return nil }
        return .object([
            "tokens": tokenState, "organizations": organizationState.map { .object([Self.organization: $0]) },
        ])
    }

    private static let cutShort = FixtureWriter.Unrecordable(
        "its client went away, or it was stopped, before its workflow ended"
    )

    /// Adds the workflow's output, unless a built-in workflow gives the same output at once in every replay.
    mutating func add(
        _ content: RecordedCall.Content,
        isBuiltIn: Bool,
        _ secrets: inout Placeholders
    ) throws(FixtureWriter.Unrecordable) {
        guard let call = content.workflow else { return }
        guard content.hasWorkflowEnded || content.failure != nil else { throw Self.cutShort }
        // With masked variables it would give another one.
        let hasLocked = content.policy?.variables != nil
        if isBuiltIn && !hasLocked && (content.outputs.isEmpty || call.isInstant) { return }
        let texts = try Self.outputs(content.outputs, &secrets)
        let events = content.outputs.contains { if case .bytes = $0 { false } else { true } }
        var (name, retryAfter, variable): (String?, Int?, String?)
        if let failure = content.failure {
            name = failure.fixtureName
            guard name != nil else { throw Self.cutShort }
            if case .busy(let seconds) = failure { retryAfter = seconds }
            if case .rejected(_, let rejected) = failure { variable = rejected?.description }
        }
        workflow = .object([
            (events ? "events" : "output"): texts.isEmpty && name != nil ? nil : .array(texts),
            "fails": name.map(JSON.string), "retry_after": retryAfter.map(JSON.number),
            "variable": variable.map(JSON.string),
        ])
    }

    private static func outputs(
        _ outputs: [WorkflowOutput],
        _ secrets: inout Placeholders
    ) throws(FixtureWriter.Unrecordable) -> [JSON] {
        var whole: [UInt8] = []
        var jsons: [JSON] = []
        var replaced: [UInt8] = []
        for output in outputs {
            switch output {
            case .bytes(let bytes):
                let kept = secrets.replacedAll(in: bytes)
                (whole, replaced) = (whole + bytes, replaced + kept)
                jsons.append(.content(kept))
            case .event(let event):
                let data = secrets.replacedAll(in: event.data)
                (whole, replaced) = (whole + event.data.utf8, replaced + data.utf8)
                let json = JSON.object([
                    "type": event.type.map { .string(secrets.replaced(in: $0)) },
                    "data": .string(data),
                    "id": event.id.map { .string(secrets.replaced(in: $0)) },
                    "retry": event.retry.map(JSON.number),
                ])
                jsons.append(json)
            case .reconnection(let reconnection):
                let id = reconnection.id.map { JSON.string(secrets.replaced(in: $0)) }
                jsons.append(.object(["id": id, "retry": reconnection.retry.map(JSON.number)]))
            case .silence, .end: break
            }
        }
        guard secrets.replacedAll(in: whole) == replaced else {
            throw FixtureWriter.Unrecordable("a secret in the workflow's output is split across two pieces")
        }
        return jsons
    }
}

extension WorkflowCall {
    /// Whether a built-in workflow produces its output without waiting.
    fileprivate var isInstant: Bool {
        switch self["interval_ms"] {
        case .number(0)?, .string("0")?: true
        case nil: workflow == "echo"
        default: false
        }
    }
}
