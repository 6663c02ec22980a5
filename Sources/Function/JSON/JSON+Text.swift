extension JSON: CustomStringConvertible {
    /// The value as JSON text, without blanks.
    public var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
        case .string(let string): Self.quoted(string)
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.name) + ":" + $0.value.description }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        var writer = JSONWriter(reservingCapacity: string.utf8.count + 2)
        writer.value(string)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
