extension ServerSentEvent {
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
}
