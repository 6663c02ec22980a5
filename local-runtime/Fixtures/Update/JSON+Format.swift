package import FunctionCore
import LocalRuntimeConsole

extension JSON {
    /// The value as fixtures are written.
    package var formatted: String { indented() + "\n" }

    /// The value with another one where the pointer leads; nothing changes where that leads nowhere.
    package func replacing(at path: ArraySlice<String>, with value: JSON) -> JSON {
        guard let name = path.first else { return value }
        switch self {
        case .object(let members):
            return .object(
                members.map { member in
                    guard member.name.hasSameBytes(as: name) else { return member }
                    return Member(name: name, value: member.value.replacing(at: path.dropFirst(), with: value))
                }
            )
        case .array(var elements):
            guard let index = Int(name), elements.indices.contains(index) else { return self }
            elements[index] = elements[index].replacing(at: path.dropFirst(), with: value)
            return .array(elements)
        case .null, .bool, .number, .string:
            return self
        }
    }

    /// An object of the members that are not nil.
    package static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    package static func number(_ number: Int) -> JSON {
        .number(Double(number))
    }

    /// The value with what `change` makes of each text in it, and `names` of each member's name.
    package func mapTexts(names: (String) -> String = { $0 }, _ change: (String) -> JSON) -> JSON {
        switch self {
        case .string(let text): change(text)
        case .array(let elements): .array(elements.map { $0.mapTexts(names: names, change) })
        case .object(let members):
            .object(members.map { Member(name: names($0.name), value: $0.value.mapTexts(names: names, change)) })
        case .null, .bool, .number: self
        }
    }

    /// Bytes as ``Content`` reads them.
    package static func content(_ bytes: [UInt8]) -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .object(["base64": .string(Base64.encode(bytes))])
        }
        return .string(text)
    }
}
