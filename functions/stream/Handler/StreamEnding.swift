import Workflows

/// How a stream came to its end.
enum StreamEnding: Hashable, Sendable {
    /// The workflow had no more to say, and all of it was written.
    case complete
    /// The client has gone, or the process ends.
    case interrupted
    /// The code that the client gets, and the cause for the log.
    case failed(code: String, cause: String?)

    init(_ failure: WorkflowFailure) {
        self =
            switch failure {
            case .cancelled: .interrupted
            case .timedOut: .failed(code: "workflow_timeout", cause: nil)
            case .unavailable(let cause), .rejected(let cause): .failed(code: "workflow_unavailable", cause: cause)
            case .notFound, .busy: .failed(code: "workflow_unavailable", cause: "\(failure)")
            }
    }

    /// The code of an ending before the workflow's own.
    var code: String? {
        switch self {
        case .complete: nil
        case .interrupted: "stream_interrupted"
        case .failed(let code, _): code
        }
    }

    var cause: String? {
        if case .failed(_, let cause) = self { cause } else { nil }
    }
}
