import FunctionBytes
import FunctionCore
import StreamTokens
import StreamTokensWorkflows

/// Encodes a run's output for its log: complete events, numbered, without the secret in their ids. Pure.
struct LogEncoder: Sendable {
    private var chunks = TextChunks()
    private var last = 0
    /// The workflow's last event id (HTML standard, section 9.2.6), if it can be part of an id of ours.
    private var front = ""
    private let eventLimit: Int

    /// The most bytes of a workflow's id that are kept: with a cursor it has to fit into a header field.
    private static let maxFront = 256

    /// Encodes events of up to `eventLimit` bytes, as they are sent.
    init(eventLimit: Int) {
        self.eventLimit = eventLimit
    }

    /// The events for an output: none if it must wait for more, and for silence.
    mutating func encode(_ output: WorkflowOutput) throws(WorkflowFailure) -> [LoggedEvent] {
        switch output {
        case .bytes(let bytes): try encode(chunks.take(bytes))
        case .event(let event):
            [try encode(ServerSentEvent(type: event.toldApart.type, data: event.data, retry: event.retry), event.id)]
        case .reconnection(let reconnection): [try encode(reconnection)]
        case .silence: []
        case .end: try encode(rest) + [end("done", "{}")]
        }
    }

    /// The events that tell the client why the stream ends early.
    mutating func encode(_ early: EarlyEnd) -> [LoggedEvent] {
        end(StreamEncoder.errorData(early.rawValue, early.text))
    }

    /// The event that tells the client why its workflow has not begun, with the status that says so otherwise.
    mutating func encode(_ error: HTTPError) -> [LoggedEvent] {
        end(StreamEncoder.errorData(error.code ?? "", error.text, error.status.code))
    }

    private mutating func end(_ data: String) -> [LoggedEvent] {
        // The rest has at most three bytes, which no limit excludes.
        ((try? encode(rest)) ?? []) + [end("error", data)]
    }

    private mutating func end(_ type: String, _ data: String) -> LoggedEvent {
        logged(isEnd: true) { ServerSentEvent(type: type, data: data).append(to: &$0) }
    }

    private mutating func encode(_ texts: [String]) throws(WorkflowFailure) -> [LoggedEvent] {
        var events: [LoggedEvent] = []
        for text in texts { events.append(try encode(ServerSentEvent(data: text), nil)) }
        return events
    }

    private mutating func encode(_ event: ServerSentEvent, _ id: String?) throws(WorkflowFailure) -> LoggedEvent {
        takeFront(id)
        return try within(logged { event.append(to: &$0) })
    }

    private mutating func encode(
        _ reconnection: ServerSentEvent.Reconnection
    ) throws(WorkflowFailure) -> LoggedEvent {
        takeFront(reconnection.id)
        return logged { ServerSentEvent.Reconnection(retry: reconnection.retry).append(to: &$0) }
    }

    private func within(_ event: LoggedEvent) throws(WorkflowFailure) -> LoggedEvent {
        guard event.block.count <= eventLimit else { throw .eventTooLarge(limit: eventLimit) }
        return event
    }

    private mutating func takeFront(_ id: String?) {
        guard let id else { return }
        let isUsable = id.utf8.count <= Self.maxFront && id.utf8.allSatisfy(ASCIISet.visible.contains)
        front = isUsable ? id : ""
    }

    private mutating func logged(isEnd: Bool = false, _ append: (inout [UInt8]) -> Void) -> LoggedEvent {
        var block: [UInt8] = []
        append(&block)
        last += 1
        return LoggedEvent(number: last, front: front, block: block, isEnd: isEnd)
    }

    /// The bytes of an incomplete character that waited for the rest.
    private var rest: [String] {
        mutating get { chunks.finish().map { [$0] } ?? [] }
    }
}

extension LoggedEvent {
    /// Appends the event as a client gets it. Without a secret it has no id, and the stream cannot be resumed there.
    func append(with secret: RunSecret?, to bytes: inout [UInt8]) {
        if isEnd {
            bytes += "id: ".utf8
            bytes += front.utf8
            bytes += StreamEnd.mark.utf8
            bytes.append(UInt8(ascii: "\n"))
        } else if let secret {
            Cursor.append(number, of: secret, behind: front, to: &bytes)
        }
        bytes += block
    }
}
