import FunctionBytes

/// One event of an event stream (HTML standard, section 9.2).
public struct ServerSentEvent: Hashable, Sendable {
    /// Nil means the standard's default, `message`.
    public var type: String?
    /// Lines are separated by line feeds.
    public var data: String
    /// The Last-Event-ID that a client sends when it reconnects; nil leaves it unchanged.
    public var id: String?
    /// How long a client waits before it reconnects, in milliseconds; nil leaves it unchanged.
    public var retry: Int?

    public init(type: String? = nil, data: String, id: String? = nil, retry: Int? = nil) {
        self.type = type
        self.data = data
        self.id = id
        self.retry = retry
    }

    /// A comment and a blank line: not an event, but traffic that keeps proxies from closing an idle connection.
    public static let heartbeat = Array(":\n\n".utf8)

    /// Appends the event in the format of an event stream (HTML standard, sections 9.2.5 and 9.2.6), with its blank line.
    ///
    /// Lines of the data may end in CRLF, LF or CR; a reader gets LF. Fields that a reader could not read back are left
    /// out: a type or id that contains a line end, which could begin another field or event, an id with U+0000, and a
    /// negative retry. An empty type is left out too, because it means the same as none.
    public func append(to bytes: inout [UInt8]) {
        if let type, !type.isEmpty, !type.utf8.contains(where: Self.isLineEnd) {
            Self.append("event", type.utf8Span.span, to: &bytes)
        }
        Self.appendFields(of: Reconnection(id: id, retry: retry), to: &bytes)
        appendData(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    static func appendFields(of reconnection: Reconnection, to bytes: inout [UInt8]) {
        if let id = reconnection.id, !id.utf8.contains(where: { $0 == 0 || isLineEnd($0) }) {
            append("id", id.utf8Span.span, to: &bytes)
        }
        if let retry = reconnection.retry, retry >= 0 { append("retry", String(retry).utf8Span.span, to: &bytes) }
    }

    static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private func appendData(to bytes: inout [UInt8]) {
        let text = data.utf8Span.span
        var start = 0
        for end in text.indices where Self.isLineEnd(text[end]) {
            let followsReturn = end > 0 && text[end - 1] == UInt8(ascii: "\r")
            if !followsReturn || text[end] != UInt8(ascii: "\n") {
                Self.append("data", text.extracting(start..<end), to: &bytes)
            }
            start = end + 1
        }
        Self.append("data", text.extracting(start...), to: &bytes)
    }

    /// Writes a space after the colon, because a reader strips one: without it, a value's own first space would be lost.
    private static func append(_ name: StaticString, _ value: Span<UInt8>, to bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        bytes.append(value)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A block of an event stream without data. It is not an event, but its fields take effect (HTML standard, section
    /// 9.2.6): a server may begin a stream with the delay before reconnecting, or end it with the id to continue from.
    public struct Reconnection: Hashable, Sendable {
        /// The Last-Event-ID that a client sends when it reconnects; nil leaves it unchanged.
        public var id: String?
        /// How long a client waits before it reconnects, in milliseconds; nil leaves it unchanged.
        public var retry: Int?

        public init(id: String? = nil, retry: Int? = nil) {
            self.id = id
            self.retry = retry
        }

        /// Merges in a later block, whose fields win.
        public func followed(by later: Self) -> Self {
            Self(id: later.id ?? id, retry: later.retry ?? retry)
        }

        /// Appends the block in the format of an event stream, with its blank line. Leaves out what a reader could not
        /// read back, like ``ServerSentEvent/append(to:)``.
        public func append(to bytes: inout [UInt8]) {
            ServerSentEvent.appendFields(of: self, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
