import Function

extension JSON {
    /// The value as fixtures are written: a member or element a line, indented by two blanks.
    var formatted: String {
        lines(indent: "") + "\n"
    }

    private func lines(indent: String) -> String {
        let deeper = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { deeper + $0.lines(indent: deeper) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                "\(deeper)\(JSON.string(member.name)): \(member.value.lines(indent: deeper))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .null, .bool, .number, .string, .array, .object:
            return description
        }
    }

    /// The value with another one where the pointer leads; nothing changes where that leads nowhere.
    func replacing(at path: ArraySlice<String>, with value: JSON) -> JSON {
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
}
