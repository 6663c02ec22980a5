/// A JSON value (RFC 8259).
///
/// Two objects are equal here only if their members stand in the same order.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    /// The members in the order they came; no name is twice among them.
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// What kind of value it is, in the words of JSON.
    public enum Kind: String, CaseIterable, Sendable {
        case null
        case boolean
        case number
        case string
        case array
        case object
    }

    public var kind: Kind {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}
