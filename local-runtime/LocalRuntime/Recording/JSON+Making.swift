import Function

extension JSON {
    /// An object of the members that are not nil.
    static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    static func number(_ number: Int) -> JSON {
        .number(Double(number))
    }

    /// The value with what `change` makes of each text in it, but for the names of members.
    func mapTexts(_ change: (String) -> JSON) -> JSON {
        switch self {
        case .string(let text): change(text)
        case .array(let elements): .array(elements.map { $0.mapTexts(change) })
        case .object(let members):
            .object(members.map { Member(name: $0.name, value: $0.value.mapTexts(change)) })
        case .null, .bool, .number: self
        }
    }

    /// Bytes as ``Content`` reads them.
    static func content(_ bytes: [UInt8]) -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .object(["base64": .string(Base64.encode(bytes))])
        }
        return .string(text)
    }
}
