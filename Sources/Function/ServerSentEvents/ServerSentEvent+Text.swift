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
            Self.append("event", type, to: &bytes)
        }
        if let id, !id.utf8.contains(where: { $0 == 0 || Self.isLineEnd($0) }) { Self.append("id", id, to: &bytes) }
        if let retry, retry >= 0 { Self.append("retry", String(retry), to: &bytes) }
        appendData(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    private func appendData(to bytes: inout [UInt8]) {
        let text = data.utf8
        var rest = text[...]
        while let end = rest.firstIndex(where: Self.isLineEnd) {
            Self.append("data", Substring(rest[..<end]), to: &bytes)
            let isReturn = text[end] == UInt8(ascii: "\r")
            rest = rest[text.index(after: end)...]
            if isReturn, rest.first == UInt8(ascii: "\n") { rest.removeFirst() }
        }
        Self.append("data", Substring(rest), to: &bytes)
    }

    /// A reader takes one space off the value: without one of our own it would be the value's first.
    private static func append(_ name: String, _ value: some StringProtocol, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += ": ".utf8
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }
}
