/// One event of an event stream (HTML standard, section 9.2).
public struct ServerSentEvent: Hashable, Sendable {
    /// Its type; nil is the standard's `message`.
    public var type: String?
    /// Its data, lines apart by line feeds.
    public var data: String
    /// What a client that reconnects sends as Last-Event-ID; nil leaves that as it was.
    public var id: String?
    /// How long a client waits before it reconnects, in milliseconds; nil leaves that as it was.
    public var retry: Int?

    public init(type: String? = nil, data: String, id: String? = nil, retry: Int? = nil) {
        self.type = type
        self.data = data
        self.id = id
        self.retry = retry
    }

    /// A comment and a blank line: no event, but enough to keep a connection from being taken for dead.
    public static let heartbeat = Array(":\n\n".utf8)

    /// Appends the event as an event stream has it (HTML standard, sections 9.2.5 and 9.2.6), the blank line included.
    ///
    /// A line of the data may end in CRLF, LF or CR, and is read back as ending in LF. What could not be read back is
    /// left out: a type or an id with a line end in it, which could begin another field or event, an id with U+0000,
    /// and a negative retry. So is an empty type, which means the same as none.
    public func append(to bytes: inout [UInt8]) {
        if let type, !type.isEmpty, !type.utf8.contains(where: Self.isLineEnd) {
            Self.append("event", type.utf8, to: &bytes)
        }
        Self.appendFields(of: Reconnection(id: id, retry: retry), to: &bytes)
        appendData(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    static func appendFields(of reconnection: Reconnection, to bytes: inout [UInt8]) {
        if let id = reconnection.id, !id.utf8.contains(where: { $0 == 0 || isLineEnd($0) }) {
            append("id", id.utf8, to: &bytes)
        }
        if let retry = reconnection.retry, retry >= 0 { append("retry", String(retry).utf8, to: &bytes) }
    }

    static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private func appendData(to bytes: inout [UInt8]) {
        // Slices of an array are found and copied several times faster than those of a string.
        let text = Array(data.utf8)
        var start = 0
        for end in text.indices where Self.isLineEnd(text[end]) {
            let followsReturn = end > 0 && text[end - 1] == UInt8(ascii: "\r")
            if !followsReturn || text[end] != UInt8(ascii: "\n") { Self.append("data", text[start..<end], to: &bytes) }
            start = end + 1
        }
        Self.append("data", text[start...], to: &bytes)
    }

    /// A reader takes one space off the value: without one of our own it would be the value's first.
    private static func append(_ name: String, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += ": ".utf8
        bytes += value
        bytes.append(UInt8(ascii: "\n"))
    }

    /// What a block of an event stream says that has no data. It is no event, but takes effect from then on (HTML standard,
    /// section 9.2.6): servers begin a stream with how long to wait, or end it with where to go on.
    public struct Reconnection: Hashable, Sendable {
        /// What a client that reconnects sends as Last-Event-ID; nil leaves that as it was.
        public var id: String?
        /// How long a client waits before it reconnects, in milliseconds; nil leaves that as it was.
        public var retry: Int?

        public init(id: String? = nil, retry: Int? = nil) {
            self.id = id
            self.retry = retry
        }

        /// The same with what a later block says.
        public func followed(by later: Self) -> Self {
            Self(id: later.id ?? id, retry: later.retry ?? retry)
        }

        /// Appends the block as an event stream has it, the blank line included. What could not be read back is left out,
        /// as it is of an event.
        public func append(to bytes: inout [UInt8]) {
            ServerSentEvent.appendFields(of: self, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
