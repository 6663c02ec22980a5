import FunctionBytes

/// Reads an event stream (HTML standard, section 9.2.6), in whatever pieces it comes.
///
/// Nothing is malformed: what is no field is passed over, and what is no UTF-8 becomes U+FFFD. An event is there with
/// its blank line; one that is unfinished at the stream's end is none, nor is a block without data.
public struct ServerSentEventParser: Sendable {
    /// Thrown for a line, or an event's data, of more bytes than are taken. The stream cannot be read any further.
    public struct TooLong: Error, Hashable, Sendable, CustomStringConvertible {
        /// The most bytes that would have been taken.
        public let limit: Int

        public var description: String { "a line or an event of more than \(limit) bytes" }
    }

    /// What the stream says between two blank lines.
    public enum Block: Hashable, Sendable {
        case event(ServerSentEvent)
        /// Without data, but with an id or a retry.
        case reconnection(ServerSentEvent.Reconnection)
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let limit: Int
    /// What has come of a line that is not whole yet.
    private var line: [UInt8] = []
    private var isFirstLine = true
    /// Whether the last byte was a carriage return: a line feed that comes next belongs to it.
    private var endsInReturn = false
    package private(set) var hasFailed = false
    private var event = Fields()

    private struct Fields: Sendable {
        var type = ""
        /// Nil as long as there was no data, not even an empty line of it.
        var data: [UInt8]?
        var id: String?
        var retry: Int?
    }

    /// Takes lines and data of up to 1 MiB each.
    public init() {
        self.init(limit: 1 << 20)
    }

    /// Takes lines and data of up to `limit` bytes each.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next bytes and answers the events that end in them.
    ///
    /// An event's id is what its own `id` field says; the standard's last event id is the last one that was not nil, of
    /// events and of ``Block/reconnection(_:)``. When it throws, events that ended in the same bytes are lost; from then on
    /// it always throws.
    public mutating func feed(_ bytes: [UInt8]) throws(TooLong) -> [ServerSentEvent] {
        let blocks = try blocks(bytes)
        guard !hasFailed else { throw TooLong(limit: limit) }
        return blocks.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    /// Takes the next bytes and answers the blocks that end in them.
    ///
    /// Before something that is too long, it answers what ended before that, and always throws from the next call on.
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
        var start = 0
        for end in bytes.indices where ServerSentEvent.isLineEnd(bytes[end]) {
            let piece = bytes[start..<end]
            start = end + 1
            let followsReturn = end == 0 ? endsInReturn : bytes[end - 1] == UInt8(ascii: "\r")
            if followsReturn, bytes[end] == UInt8(ascii: "\n") { continue }
            if let block = try endLine(piece) { blocks.append(block) }
        }
        try append(bytes[start...])
        if let last = bytes.last { endsInReturn = last == UInt8(ascii: "\r") }
    }

    private mutating func append(_ piece: ArraySlice<UInt8>) throws(TooLong) {
        guard line.count + piece.count <= limit else { throw TooLong(limit: limit) }
        line += piece
    }

    /// Ends the line whose last part is `piece`, and the block if the line is blank.
    private mutating func endLine(_ piece: ArraySlice<UInt8>) throws(TooLong) -> Block? {
        var whole = piece
        if !line.isEmpty || piece.count > limit {
            try append(piece)
            whole = line[...]
            line = []
        }
        if isFirstLine {
            isFirstLine = false
            if whole.starts(with: Self.byteOrderMark) { whole = whole.dropFirst(Self.byteOrderMark.count) }
        }
        guard whole.isEmpty else {
            try take(whole)
            return nil
        }
        return endBlock()
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws(TooLong) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        // A comment is a field without a name. A longer name than these is none, and is not looked at.
        let name = line[..<colon]
        switch name.count <= 5 ? String(decoding: name, as: UTF8.self) : "" {
        case "event": event.type = String(decoding: value, as: UTF8.self)
        case "data": try takeData(value)
        case "id" where !value.contains(0): event.id = String(decoding: value, as: UTF8.self)
        case "retry" where !value.isEmpty && value.allSatisfy(\.isDigit):
            // What is beyond 64 bits is passed over, too.
            event.retry = Int(String(decoding: value, as: UTF8.self)) ?? event.retry
        default: break
        }
    }

    private mutating func takeData(_ value: ArraySlice<UInt8>) throws(TooLong) {
        let count = event.data.map { $0.count + 1 } ?? 0
        guard count + value.count <= limit else { throw TooLong(limit: limit) }
        if event.data == nil { event.data = [] } else { event.data?.append(UInt8(ascii: "\n")) }
        event.data? += value
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
