package import FunctionCore

extension [JSON] {
    /// Reads each element of the array at `pointer`.
    package func read<Value>(
        at pointer: JSONPointer,
        _ read: (JSON, JSONPointer) throws(JSONDocumentError) -> Value
    ) throws(JSONDocumentError) -> [Value] {
        try enumerated().map { index, element throws(JSONDocumentError) in try read(element, pointer.appending(index)) }
    }
}

extension JSON {
    /// An object's member; nil if it has none of that name or is no object.
    package func member(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.value(of: name)
    }

    /// An array's elements; empty if it is no array.
    package var elements: [JSON] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The value that the names and indices lead to.
    func value(at path: [String]) -> JSON? {
        path.reduce(Optional(self)) { json, name in
            guard case .array(let elements)? = json else { return json?.member(name) }
            return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        }
    }

    /// An object of the members that are not nil.
    package static func object(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    package static func number(_ number: Int) -> JSON {
        .number(Double(number))
    }

    /// A copy with `value` where the pointer leads; unchanged if it leads nowhere.
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

    /// A copy with each text replaced by `change`, and each member's name by `names`.
    package func mapTexts(names: (String) -> String = { $0 }, _ change: (String) -> JSON) -> JSON {
        switch self {
        case .string(let text): change(text)
        case .array(let elements): .array(elements.map { $0.mapTexts(names: names, change) })
        case .object(let members):
            .object(members.map { Member(name: names($0.name), value: $0.value.mapTexts(names: names, change)) })
        case .null, .bool, .number: self
        }
    }
}
