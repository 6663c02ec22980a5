import FunctionBytes
package import FunctionRedis
package import StreamTokens

/// The events of an entry of a log, one after the other: `.`, or `!` for a stream's last one, the lengths of the front
/// and of the block, each with a colon behind it, and then these. Their numbers follow from the entry's id.
package enum LoggedEvents {
    package static func encode(_ events: [LoggedEvent]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.byteCount + 16 })
        for event in events {
            bytes.append(event.isEnd ? UInt8(ascii: "!") : UInt8(ascii: "."))
            bytes.append(decimal: event.front.utf8.count)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(decimal: event.block.count)
            bytes.append(UInt8(ascii: ":"))
            bytes += event.front.utf8
            bytes += event.block
        }
        return bytes
    }

    /// The events in the reply to XRANGE that have a higher number than `number`; nil for what no log has. Entries
    /// without an event begin or end an owner's time.
    package static func read(_ reply: RedisReply, after number: Int) -> [LoggedEvent]? {
        guard case .array(let entries) = reply else { return nil }
        var events: [LoggedEvent] = []
        for entry in entries {
            guard case .array(let parts) = entry, parts.count == 2, let last = parts[0].text.flatMap(Self.number),
                case .array(let fields) = parts[1], fields.count == 2, case .string(let payload) = fields[1],
                let read = decode(payload, last: last)
            else { return nil }
            events += read.drop { $0.number <= number }
        }
        return events
    }

    /// The events in the reply to XREAD, of the runs by the names of their logs.
    package static func read(streams reply: RedisReply, of runs: [[UInt8]: RunID]) -> [RunID: [LoggedEvent]]? {
        // No log has anything.
        if reply == .null { return [:] }
        guard case .array(let streams) = reply else { return nil }
        var events: [RunID: [LoggedEvent]] = [:]
        for stream in streams {
            guard case .array(let parts) = stream, parts.count == 2, case .string(let name) = parts[0],
                let run = runs[name], let read = read(parts[1], after: 0)
            else { return nil }
            events[run] = read
        }
        return events
    }

    /// The number in an entry's id, at most the highest that a cursor can have.
    private static func number(_ id: String) -> Int? {
        guard let dash = id.utf8.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let digits = id.utf8[dash...].dropFirst()
        guard (1...15).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        return Int(String(Substring(digits)))
    }

    /// The events of a payload whose last one has the number `last`.
    private static func decode(_ payload: [UInt8], last: Int) -> [LoggedEvent]? {
        var parts: [(isEnd: Bool, front: ArraySlice<UInt8>, block: ArraySlice<UInt8>)] = []
        var rest = payload[...]
        while let mark = rest.popFirst() {
            guard mark == UInt8(ascii: ".") || mark == UInt8(ascii: "!"), let front = length(&rest),
                let block = length(&rest), rest.count >= front, rest.count - front >= block
            else { return nil }
            parts.append((mark == UInt8(ascii: "!"), rest.prefix(front), rest.dropFirst(front).prefix(block)))
            rest = rest.dropFirst(front + block)
        }
        guard parts.count <= last || parts.isEmpty else { return nil }
        return parts.enumerated().map { index, part in
            LoggedEvent(
                number: last - parts.count + 1 + index,
                front: String(decoding: part.front, as: UTF8.self),
                block: Array(part.block),
                isEnd: part.isEnd
            )
        }
    }

    /// Takes a length and its colon.
    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix { $0 != UInt8(ascii: ":") }
        // Nine digits at most, so that sums cannot overflow.
        guard (1...9).contains(digits.count), digits.count < rest.count, digits.allSatisfy(\.isDigit) else {
            return nil
        }
        rest = rest.dropFirst(digits.count + 1)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
