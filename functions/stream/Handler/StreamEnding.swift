import StreamTokensWorkflows

/// How a stream came to its end.
enum StreamEnding: Hashable, Sendable {
    /// The workflow had no more to say, and all of it was written.
    case complete
    /// Before that, with the cause for the log.
    case early(EarlyEnd, cause: String? = nil)

    /// The client has gone, or the process ends.
    static let interrupted = StreamEnding.early(.interrupted)

    init(_ failure: WorkflowFailure) {
        self =
            switch failure {
            case .cancelled: .interrupted
            case .timedOut: .early(.workflowTimeout)
            case .eventTooLarge(let limit): .early(.workflowEventTooLarge, cause: Self.tooLarge(limit))
            case .unavailable(let cause), .rejected(let cause): .early(.workflowUnavailable, cause: cause)
            case .notFound, .busy: .early(.workflowUnavailable, cause: "\(failure)")
            }
    }

    /// For the log, which names the setting.
    static func tooLarge(_ limit: Int) -> String {
        "the workflow's event stream has a line or an event of more than \(limit) bytes (WORKFLOW_EVENT_BYTES)"
    }

    /// Why it ended before the workflow's own end.
    var early: EarlyEnd? {
        if case .early(let end, _) = self { end } else { nil }
    }

    var cause: String? {
        if case .early(_, let cause) = self { cause } else { nil }
    }
}
