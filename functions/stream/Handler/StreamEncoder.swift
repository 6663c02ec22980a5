import FunctionCore
import StreamTokensWorkflows

/// Encodes a run's output for its client. Pure; every event that it writes is complete.
struct StreamEncoder: Sendable {
    let format: StreamFormat
    private var chunks = TextChunks()
    private var lastID = 0

    init(_ format: StreamFormat) {
        self.format = format
    }

    /// The bytes to send for an output; empty if they must wait for more, or for silence in plain text.
    mutating func encode(_ output: WorkflowOutput) -> [UInt8] {
        switch (format, output) {
        case (.text, .bytes(let bytes)): bytes
        case (.text, .event(let event)): Array(event.data.utf8)
        case (.text, .reconnection), (.text, .silence), (.text, .end): []
        case (.events, .bytes(let bytes)): encode(chunks.take(bytes))
        case (.events, .event(let event)): encode(Self.toldApart(event))
        case (.events, .reconnection(let reconnection)): bytes { reconnection.append(to: &$0) }
        case (.events, .silence): ServerSentEvent.heartbeat
        case (.events, .end): encode(rest) + encode(ServerSentEvent(type: "done", data: "{}"))
        }
    }

    /// The event that tells the client that the stream ends early; nil in plain text, where only breaking it off can.
    mutating func encode(_ early: EarlyEnd) -> [UInt8]? {
        guard format == .events else { return nil }
        var json = JSONWriter()
        json.object {
            $0.member("code", early.rawValue)
            $0.member("error", early.text)
        }
        let data = String(decoding: json.finish(), as: UTF8.self)
        return encode(rest) + encode(ServerSentEvent(type: "error", data: data))
    }

    /// The bytes of an incomplete character that waited for the rest.
    private var rest: [String] {
        mutating get { chunks.finish().map { [$0] } ?? [] }
    }

    private mutating func encode(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts {
            lastID += 1
            ServerSentEvent(data: text, id: String(lastID)).append(to: &bytes)
        }
        return bytes
    }

    /// A workflow's event, renamed if its name is one of those by which this function ends streams.
    private static func toldApart(_ event: ServerSentEvent) -> ServerSentEvent {
        guard let type = event.type, ["done", "error"].contains(where: type.hasSameBytes) else { return event }
        var event = event
        event.type = "workflow_" + type
        return event
    }

    private func encode(_ event: ServerSentEvent) -> [UInt8] {
        bytes { event.append(to: &$0) }
    }

    private func bytes(_ append: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        append(&bytes)
        return bytes
    }
}
