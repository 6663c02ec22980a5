import FunctionBytes

/// Reads an event stream (HTML standard, section 9.2.6) in pieces of any size.
///
/// Every input is valid: unknown fields are ignored, and invalid UTF-8 becomes U+FFFD. A blank line completes an event.
/// An incomplete event at the end of the stream is dropped, and a block without data is not an event.
public struct ServerSentEventParser: Sendable {
    /// Thrown for a line, or an event's data, over the limit. The rest of the stream cannot be read.
    public struct TooLong: Error, Hashable, Sendable, CustomStringConvertible {
        /// In bytes.
        public let limit: Int

        public var description: String { "a line or an event of more than \(limit) bytes" }
    }

    /// The content between two blank lines.
    public enum Block: Hashable, Sendable {
        case event(ServerSentEvent)
        /// Without data, but with an id or a retry.
        case reconnection(ServerSentEvent.Reconnection)
    }

    private let limit: Int
    /// The received part of an incomplete line.
    private var line: [UInt8] = []
    private var isFirstLine = true
    /// Whether the last byte was a carriage return; a line feed that follows then belongs to it.
    private var endsInReturn = false
    package private(set) var hasFailed = false
    private var event = Fields()

    private struct Fields: Sendable {
        var type = ""
        /// Nil until the first `data` field, even an empty one.
        var data: [UInt8]?
        var id: String?
        var retry: Int?
    }

    /// Accepts lines and data of up to 1 MiB each.
    public init() {
        self.init(limit: 1 << 20)
    }

    /// Accepts lines and data of up to `limit` bytes each.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next bytes and returns the events that they complete.
    ///
    /// An event's id is its own `id` field. The standard's last event id is the last id that was not nil, of events and of
    /// ``Block/reconnection(_:)``. If this throws, events that were complete in the same bytes are lost, and every later
    /// call throws too.
    public mutating func feed(_ bytes: [UInt8]) throws(TooLong) -> [ServerSentEvent] {
        let blocks = try blocks(bytes)
        guard !hasFailed else { throw TooLong(limit: limit) }
        return blocks.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    /// Takes the next bytes and returns the blocks that they complete.
    ///
    /// If something is too long after complete blocks, this returns those first and throws from the next call on.
    public mutating func blocks(_ bytes: [UInt8]) throws(TooLong) -> [Block] {
        guard !hasFailed else { throw TooLong(limit: limit) }
        var blocks: [Block] = []
        do throws(TooLong) {
            try read(bytes, into: &blocks)
        } catch {
            hasFailed = true
            guard !blocks.isEmpty else { throw error }
        }
        return blocks
    }

    private mutating func read(_ bytes: [UInt8], into blocks: inout [Block]) throws(TooLong) {
        let bytes = bytes.span
        var start = 0
        for end in bytes.indices where ServerSentEvent.isLineEnd(bytes[end]) {
            let piece = bytes.extracting(start..<end)
            start = end + 1
            let followsReturn = end == 0 ? endsInReturn : bytes[end - 1] == UInt8(ascii: "\r")
            if followsReturn, bytes[end] == UInt8(ascii: "\n") { continue }
            if let block = try endLine(piece) { blocks.append(block) }
        }
        try append(bytes.extracting(start...))
        if !bytes.isEmpty { endsInReturn = bytes[bytes.count - 1] == UInt8(ascii: "\r") }
    }

    private mutating func append(_ piece: Span<UInt8>) throws(TooLong) {
        guard line.count + piece.count <= limit else { throw TooLong(limit: limit) }
        line.append(piece)
    }

    /// Completes the line whose last part is `piece`, and the block if the line is blank.
    private mutating func endLine(_ piece: Span<UInt8>) throws(TooLong) -> Block? {
        guard !line.isEmpty || piece.count > limit else { return try take(line: piece) }
        try append(piece)
        let whole = line
        line = []
        return try take(line: whole.span)
    }

    private mutating func take(line: Span<UInt8>) throws(TooLong) -> Block? {
        var line = line
        if isFirstLine {
            isFirstLine = false
            // A byte order mark.
            if line.hasPrefix("\u{FEFF}") { line = line.extracting(3...) }
        }
        guard !line.isEmpty else { return endBlock() }
        try take(field: line)
        return nil
    }

    private mutating func take(field line: Span<UInt8>) throws(TooLong) {
        let colon = line.indices.first { line[$0] == UInt8(ascii: ":") } ?? line.count
        let hasSpace = colon + 1 < line.count && line[colon + 1] == UInt8(ascii: " ")
        let value = line.extracting(min(colon + (hasSpace ? 2 : 1), line.count)...)
        // A comment is a field with an empty name.
        let name = line.extracting(..<colon)
        if name.equals("data") {
            try takeData(value)
        } else if name.equals("id") {
            if value.indices.allSatisfy({ value[$0] != 0 }) { event.id = String(repairing: value) }
        } else if name.equals("event") {
            event.type = String(repairing: value)
        } else if name.equals("retry"), !value.isEmpty, value.indices.allSatisfy({ value[$0].isDigit }) {
            // A number over 64 bits is ignored too.
            event.retry = Int(String(repairing: value)) ?? event.retry
        }
    }

    private mutating func takeData(_ value: Span<UInt8>) throws(TooLong) {
        let count = event.data.map { $0.count + 1 } ?? 0
        guard count + value.count <= limit else { throw TooLong(limit: limit) }
        if event.data == nil {
            event.data = Array(value)
        } else {
            event.data?.append(UInt8(ascii: "\n"))
            event.data?.append(value)
        }
    }

    private mutating func endBlock() -> Block? {
        defer { event = Fields() }
        guard let data = event.data else {
            guard event.id != nil || event.retry != nil else { return nil }
            return .reconnection(.init(id: event.id, retry: event.retry))
        }
        let type = event.type.isEmpty ? nil : event.type
        let text = String(decoding: data, as: UTF8.self)
        return .event(ServerSentEvent(type: type, data: text, id: event.id, retry: event.retry))
    }
}

extension String {
    /// Invalid UTF-8 becomes U+FFFD.
    fileprivate init(repairing bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
