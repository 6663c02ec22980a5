import FunctionBytes

extension Headers {
    /// A field value (RFC 9110, section 5.5): visible characters, and spaces and tabs between them.
    ///
    /// Octets above 127 are opaque there; each stands here as the Unicode scalar of the same number (as browsers do),
    /// so that nothing is lost on the way in and out. No other scalar can be in a value.
    public struct Value: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
        public let string: String

        /// A value, or nil if it holds a control character or a scalar over U+00FF, or begins or ends with a blank.
        public init?(_ string: String) {
            let scalars = string.unicodeScalars
            guard scalars.allSatisfy({ Self.isAllowed($0.value) }) else { return nil }
            if let first = scalars.first, let last = scalars.last {
                guard !Self.isBlank(first.value), !Self.isBlank(last.value) else { return nil }
            }
            self.string = string
        }

        /// A value written in the source. Stops the program if it is not legal.
        public init(stringLiteral value: StaticString) {
            guard let valid = Value(value.description) else { preconditionFailure("not a field value: \(value)") }
            self = valid
        }

        /// A whole number.
        public init(_ number: Int) {
            string = String(number)
        }

        /// For what is known to be legal.
        package init(valid string: String) {
            self.string = string
        }

        public var description: String { string }

        /// field-vchar, obs-text, SP and HTAB.
        @inlinable
        package static func isAllowed(_ scalar: UInt32) -> Bool {
            (scalar >= 0x20 && scalar <= 0xFF && scalar != 0x7F) || scalar == 0x09
        }

        @inlinable
        package static func isBlank(_ scalar: UInt32) -> Bool {
            scalar == 0x20 || scalar == 0x09
        }
    }
}
