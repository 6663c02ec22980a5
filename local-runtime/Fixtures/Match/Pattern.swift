package import FunctionCore

/// What a JSON value has to be: the value itself, or matchers where it is not known beforehand.
///
/// An object's pattern names the members that have to be there; others may be, except under `$exact`.
package struct Pattern: Sendable {
    /// The pattern as it is written, for the diff.
    package let source: JSON
    package let form: Form

    package indirect enum Form: Sendable {
        /// Null, a flag, a number or a string.
        case scalar(JSON)
        case array([Pattern])
        case object([Member], isExact: Bool)
        /// All of them have to hold.
        case matchers([Matcher])
    }

    package struct Member: Sendable {
        package let name: String
        package let pattern: Pattern

        package init(name: String, pattern: Pattern) {
            self.name = name
            self.pattern = pattern
        }
    }
}

/// One of the members that begin with `$`.
package enum Matcher: Sendable {
    case type(ValueType)
    /// The whole text has to match.
    case regex(String)
    /// A number, or a text that is one.
    case range(ClosedRange<Double>)
    case oneOf([Pattern])
    /// How many characters, elements or members there are.
    case length(Pattern)
    case absent
    /// No other members may be there, at any depth.
    case exact(Pattern)

    /// A kind of value, with whole numbers as one of their own.
    package enum ValueType: String, CaseIterable, Sendable {
        case null
        case boolean
        case integer
        case number
        case string
        case array
        case object

        func includes(_ value: JSON) -> Bool {
            if self == .integer, case .number(let number) = value { return number.rounded() == number }
            return rawValue == value.kind.rawValue
        }
    }
}
