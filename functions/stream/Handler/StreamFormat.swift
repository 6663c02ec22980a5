import FunctionBytes
import FunctionCore

/// The format in which a client gets a stream.
enum StreamFormat: Sendable {
    /// Plain text: the workflow's bytes as they come.
    case text
    /// Server-sent events.
    case events

    /// The header fields of the stream's response.
    var fields: Headers {
        var headers = Headers.common(self == .text ? "text/plain; charset=utf-8" : "text/event-stream")
        // A proxy that compresses the stream would hold it back until its buffer is full (RFC 9111, section 5.2.2.6).
        headers[.cacheControl] = "no-store, no-transform"
        // Otherwise nginx and other proxies would buffer the stream.
        headers.append("x-accel-buffering", "no")
        return headers
    }
}

/// The formats that a client's Accept fields accept (RFC 9110, section 12.5.1).
struct AcceptedFormats: Sendable {
    private let text: Preference
    private let events: Preference

    /// The weight of one format, from the most specific media range that includes it.
    private struct Preference {
        /// 0: `*/*`, 1: `text/*`, 2: its own name; nil if no range includes it.
        var specificity: Int?
        /// From 0, which refuses the format, to 1000.
        var weight = 0

        mutating func take(_ weight: Int, _ specificity: Int) {
            // If a range is repeated, its highest weight counts.
            guard (specificity, weight) > (self.specificity ?? -1, self.weight) else { return }
            (self.specificity, self.weight) = (specificity, weight)
        }
    }

    init(_ headers: Headers) {
        var (text, events) = (Preference(), Preference())
        for value in headers.values(of: .accept) {
            for element in value.string.utf8.splitUnquoted(at: UInt8(ascii: ",")) {
                let parts = element.splitUnquoted(at: UInt8(ascii: ";"))
                let weight = parts.dropFirst().lazy.compactMap(Self.weight).first ?? 1000
                let range = parts[0].withoutBlanksAround
                if range.isSame("*/*") {
                    text.take(weight, 0)
                    events.take(weight, 0)
                } else if range.isSame("text/*") {
                    text.take(weight, 1)
                    events.take(weight, 1)
                } else if range.isSame("text/plain") {
                    text.take(weight, 2)
                } else if range.isSame("text/event-stream") {
                    events.take(weight, 2)
                }
            }
        }
        (self.text, self.events) = (text, events)
    }

    /// Whether the fields name text/event-stream; a range such as `*/*` does not count.
    var namesEvents: Bool { events.specificity == 2 && events.weight > 0 }

    /// The format of greater weight; if they are equal, events if they are named. Plain text without any fields; nil if
    /// both are refused.
    var preferred: StreamFormat? {
        if events.weight > text.weight || namesEvents && events.weight == text.weight { return .events }
        return text.specificity == nil || text.weight > 0 ? .text : nil
    }

    /// weight = OWS ";" OWS "q=" qvalue (RFC 9110, section 12.4.2), in thousandths; nil for another parameter. Old
    /// clients leave out the leading 0, which is accepted; a malformed number counts as 1.
    private static func weight(_ parameter: Substring.UTF8View) -> Int? {
        let text = parameter.withoutBlanksAround
        guard let name = text.first, name | 0x20 == UInt8(ascii: "q"), text.dropFirst().first == UInt8(ascii: "=")
        else { return nil }
        let number = text.dropFirst(2)
        let whole = number.prefix { $0 != UInt8(ascii: ".") }
        let fraction = number[whole.endIndex...].dropFirst()
        let isNumber = fraction.allSatisfy(\.isDigit)
        guard isNumber, !whole.isEmpty || !fraction.isEmpty, whole.allSatisfy({ $0 == UInt8(ascii: "0") }) else {
            return 1000
        }
        // Digits after the third count as more than nothing: 0.0001 does not refuse the format.
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 3)
        let thousandths = (Array(fraction.prefix(3)) + zeros).prefix(3)
            .reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return thousandths == 0 && fraction.contains { $0 != UInt8(ascii: "0") } ? 1 : thousandths
    }
}

extension Substring.UTF8View {
    /// Whether it equals `text`, ignoring case; `text` is in lower case.
    fileprivate func isSame(_ text: String) -> Bool {
        count == text.utf8.count
            && zip(self, text.utf8).allSatisfy { byte, letter in
                byte.lowercased == letter
            }
    }
}

extension BidirectionalCollection<UInt8> where SubSequence == Substring.UTF8View {
    /// Splits at the separators outside quoted-strings (RFC 9110, section 5.6.4); returns at least one part.
    fileprivate func splitUnquoted(at separator: UInt8) -> [Substring.UTF8View] {
        var parts: [Substring.UTF8View] = []
        var start = startIndex
        var isQuoted = false
        var isEscaped = false
        for index in indices {
            let byte = self[index]
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if !isQuoted, byte == separator {
                parts.append(self[start..<index])
                start = self.index(after: index)
            }
        }
        return parts + [self[start...]]
    }
}
