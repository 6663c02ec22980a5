package import FunctionCore

/// A span of time as fixtures write it: `500ms`, `61s`, `5m`, `1h`.
package struct TimeSpan: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let milliseconds: Int

    package var duration: Duration { .milliseconds(milliseconds) }
    package var description: String {
        // There is always one: a millisecond.
        let unit = Self.units.last { milliseconds % $0.1 == 0 } ?? Self.units[0]
        return "\(milliseconds / unit.1)\(unit.0)"
    }

    /// A day, which is longer than anything in a token's life.
    private static let longest = 86_400_000
    private static let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]

    package init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        guard case .string(let text) = json, let milliseconds = Self.milliseconds(text) else {
            throw .shape(pointer, reason: "must be a time such as \"500ms\", \"61s\" or \"5m\", of a day at most")
        }
        self.milliseconds = milliseconds
    }

    package static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

    private static func milliseconds(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number <= longest,
            let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) }), number * unit.1 <= longest
        else { return nil }
        return number * unit.1
    }
}
