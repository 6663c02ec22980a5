import FunctionCore
import StreamTokens

/// Where a reader gets the events of a run from: its owner on the same loop, or its log in the store.
protocol RunSource: Sendable {
    /// The events behind `position`, the last one that the client was given, without waiting for new ones.
    func events(after position: Int) async -> Delivery

    /// Waits until there may be more events, or ``wake()``; false once the caller's task is cancelled.
    func wait() async -> Bool

    /// Ends a wait early. Any thread may call it.
    func wake()

    /// The client has got the stream's end. Returns once the stream no longer counts as open.
    func finish() async

    /// The client has left, and was given the events up to `position`.
    func leave(at position: Int) async
}

/// What a reader gets.
enum Delivery: Sendable {
    /// At least one event. Those with a number over `logged` are not in the log: they have no id.
    case events([LoggedEvent], logged: Int)
    /// No more events yet.
    case nothing
    /// The store does not reply: try again later.
    case later
    /// The reader has to end, though the run may go on.
    case ended(ReaderEnd)
}

/// Why a client's response ends before its run does. The raw values are the codes that the client gets.
package enum ReaderEnd: String, CaseIterable, Sendable {
    /// A later reader has taken its place.
    case elsewhere = "resumed_elsewhere"
    /// The events behind its cursor are no longer in the log.
    case tooLate = "resume_too_late"
    /// The log is lost, or the process that ran the workflow is.
    case lost = "stream_lost"

    /// The text of the event `error`, for the client.
    var text: String {
        switch self {
        case .elsewhere: "The stream was resumed elsewhere."
        case .tooLate: "The stream cannot be resumed from there: what follows is no longer kept."
        case .lost: EarlyEnd.lost.text
        }
    }

    /// The event, whose id keeps EventSource from coming back.
    var event: [UInt8] {
        var bytes: [UInt8] = []
        ServerSentEvent(type: "error", data: StreamEncoder.errorData(rawValue, text), id: StreamEnd.mark)
            .append(to: &bytes)
        return bytes
    }
}
