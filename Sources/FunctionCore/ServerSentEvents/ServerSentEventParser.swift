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

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

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

    /// Completes the line whose last part is `piece`, and the block if the line is blank.
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
        // A comment is a field with an empty name. Names over five bytes are unknown and need no decoding.
        let name = line[..<colon]
        switch name.count <= 5 ? String(decoding: name, as: UTF8.self) : "" {
        case "event": event.type = String(decoding: value, as: UTF8.self)
        case "data": try takeData(value)
        case "id" where !value.contains(0): event.id = String(decoding: value, as: UTF8.self)
        case "retry" where !value.isEmpty && value.allSatisfy(\.isDigit):
            // A number over 64 bits is ignored too.
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
