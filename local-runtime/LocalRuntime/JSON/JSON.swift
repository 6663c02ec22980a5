/// A JSON value (RFC 8259).
///
/// Two objects are equal here only if their members stand in the same order; ``Pattern`` compares by meaning.
enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    /// The members in the order they came; no name is twice among them.
    case object([Member])

    struct Member: Equatable, Sendable {
        let name: String
        let value: JSON
    }

    /// What kind of value it is, in the words of JSON.
    enum Kind: String, CaseIterable, Sendable {
        case null
        case boolean
        case number
        case string
        case array
        case object
    }

    var kind: Kind {
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
