import FunctionCore
import StreamTokensWorkflows

/// Encodes a run's output for its client. Pure; every event that it writes is complete.
struct StreamEncoder: Sendable {
    let format: StreamFormat
    private var chunks = TextChunks()
    private var lastID = 0
    private var hasBegun = false

    /// How long a client waits before it reconnects, in milliseconds, unless the workflow says otherwise.
    static let retry = 1000

    init(_ format: StreamFormat) {
        self.format = format
    }

    /// The first bytes of a stream of server-sent events that is opened before its workflow has output. The comment is
    /// for proxies that wait for more than fields.
    mutating func begin() -> [UInt8] {
        opening(nil) + ServerSentEvent.heartbeat
    }

    /// The bytes to send for an output; empty if they must wait for more, or for silence in plain text.
    mutating func encode(_ output: WorkflowOutput) -> [UInt8] {
        guard format == .events, !hasBegun else { return encoded(output) }
        return opening(output.retry) + encoded(output)
    }

    private mutating func encoded(_ output: WorkflowOutput) -> [UInt8] {
        switch (format, output) {
        case (.text, .bytes(let bytes)): bytes
        case (.text, .event(let event)): Array(event.data.utf8)
        case (.text, .reconnection), (.text, .silence), (.text, .end): []
        case (.events, .bytes(let bytes)): encode(chunks.take(bytes))
        case (.events, .event(let event)): encode(event.toldApart)
        case (.events, .reconnection(let reconnection)): bytes { reconnection.append(to: &$0) }
        case (.events, .silence): ServerSentEvent.heartbeat
        case (.events, .end): encode(rest) + encode(end("done", "{}"))
        }
    }

    /// The event that tells the client that the stream ends early; nil in plain text, where only breaking it off can.
    mutating func encode(_ early: EarlyEnd) -> [UInt8]? {
        encodeError(early.rawValue, early.text)
    }

    /// The event that tells the client of a stream, opened at once, that its workflow has not begun. Its `status` also
    /// says that the token was not used.
    mutating func encode(_ error: HTTPError) -> [UInt8]? {
        encodeError(error.code ?? "", error.text, error.status.code)
    }

    private mutating func encodeError(_ code: String, _ text: String, _ status: Int? = nil) -> [UInt8]? {
        guard format == .events else { return nil }
        return opening(nil) + encode(rest) + encode(end("error", Self.errorData(code, text, status)))
    }

    /// The data of an event `error`.
    static func errorData(_ code: String, _ text: String, _ status: Int? = nil) -> String {
        var json = JSONWriter()
        json.object {
            $0.member("code", code)
            $0.member("error", text)
            if let status { $0.member("status", status) }
        }
        return String(decoding: json.finish(), as: UTF8.self)
    }

    /// The block that tells a client how soon it may reconnect, at the beginning of a stream; empty afterwards, and if
    /// the first output sets that itself.
    private mutating func opening(_ own: Int?) -> [UInt8] {
        guard !hasBegun else { return [] }
        hasBegun = true
        guard own == nil else { return [] }
        return bytes { ServerSentEvent.Reconnection(retry: Self.retry).append(to: &$0) }
    }

    /// An event that ends a stream.
    private func end(_ type: String, _ data: String) -> ServerSentEvent {
        ServerSentEvent(type: type, data: data, id: "\(lastID)\(StreamEnd.mark)")
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

    private func encode(_ event: ServerSentEvent) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.data.utf8.count + 64)
        event.append(to: &bytes)
        return bytes
    }

    private func bytes(_ append: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        append(&bytes)
        return bytes
    }
}

extension ServerSentEvent {
    /// A workflow's event, renamed if its name is one of those by which this function ends streams.
    var toldApart: ServerSentEvent {
        guard let type, ["done", "error"].contains(where: type.hasSameBytes) else { return self }
        var event = self
        event.type = "workflow_" + type
        return event
    }
}

extension WorkflowOutput {
    /// The delay before a reconnect that it sets, in milliseconds.
    fileprivate var retry: Int? {
        switch self {
        case .event(let event): event.retry
        case .reconnection(let reconnection): reconnection.retry
        case .bytes, .silence, .end: nil
        }
    }
}
