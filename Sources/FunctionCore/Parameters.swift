import FunctionBytes

/// The parameters of a query or a form: application/x-www-form-urlencoded (WHATWG URL, section 5.1).
public struct Parameters: Hashable, Sendable {
    /// Compared by bytes, like ``ExactText``.
    public struct Parameter: Hashable, Sendable {
        public let name: String
        public let value: String

        public static func == (left: Self, right: Self) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value.hasSameBytes(as: right.value)
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(ExactText(name))
            hasher.combine(ExactText(value))
        }
    }

    /// In order and with repeats.
    public let all: [Parameter]

    /// Parses `text`; any text is valid. An invalid percent-encoding stays as it is, and invalid UTF-8 becomes U+FFFD.
    public init(_ text: String) {
        var parameters: [Parameter] = []
        for sequence in text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = sequence.firstIndex(of: UInt8(ascii: "=")) ?? sequence.endIndex
            let value = equals == sequence.endIndex ? sequence[equals...] : sequence[sequence.index(after: equals)...]
            parameters.append(Parameter(name: Self.decode(sequence[..<equals]), value: Self.decode(value)))
        }
        all = parameters
    }

    /// The first value of `name`.
    public subscript(_ name: String) -> String? {
        all.first { $0.name.hasSameBytes(as: name) }?.value
    }

    /// All values of `name`, in order.
    public func values(of name: String) -> [String] {
        all.compactMap { $0.name.hasSameBytes(as: name) ? $0.value : nil }
    }

    private static func decode(_ encoded: Substring.UTF8View) -> String {
        guard encoded.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(Substring(encoded))
        }
        return String(decoding: PercentEncoding.decode(encoded, plusIsSpace: true), as: UTF8.self)
    }
}
