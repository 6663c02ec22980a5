import FunctionBytes

extension Headers {
    /// A field value (RFC 9110, section 5.5): visible characters with spaces and tabs between them.
    ///
    /// Octets above 127 are opaque there. Each is represented here by the Unicode scalar of the same number, as in
    /// browsers, so that nothing is lost in either direction. A value holds no other scalars.
    public struct Value: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
        public let string: String

        /// Nil if `string` holds a control character or a scalar over U+00FF, or begins or ends with a blank.
        public init?(_ string: String) {
            let scalars = string.unicodeScalars
            guard scalars.allSatisfy({ Self.isAllowed($0.value) }) else { return nil }
            if let first = scalars.first, let last = scalars.last {
                guard !Self.isBlank(first.value), !Self.isBlank(last.value) else { return nil }
            }
            self.string = string
        }

        /// For values in source code: traps if the literal is not legal.
        public init(stringLiteral value: StaticString) {
            guard let valid = Value(value.description) else { preconditionFailure("not a field value: \(value)") }
            self = valid
        }

        public init(_ number: Int) {
            string = String(number)
        }

        /// Unchecked: the caller knows that this is a legal value.
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

extension Headers.Value {
    /// Percent-encodes any text: everything except visible ASCII and the spaces between; also `%`.
    package init(percentEncoding text: String) {
        // From the space to ~, without the %.
        let kept = ASCIISet(low: 0xFFFF_FFDF_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
        var encoded = PercentEncoding.encode(text, keeping: kept)
        if encoded.hasPrefix(" ") { encoded = "%20" + encoded.dropFirst() }
        if encoded.hasSuffix(" ") { encoded = encoded.dropLast() + "%20" }
        self.init(valid: encoded)
    }
}
