/// Reads an object's members by name and checks their types. Strict readers call ``refuseOthers()`` last, which throws if
/// a member was not read.
package struct JSONObject {
    package let pointer: JSONPointer
    /// An array, because most objects are small and few members are read.
    private let members: [JSON.Member]
    private var known: [String] = []

    package init(reading bytes: [UInt8]) throws(JSONDocumentError) {
        try self.init(try JSONReader.document(bytes))
    }

    package init(_ json: JSON, at pointer: JSONPointer = .root) throws(JSONDocumentError) {
        guard case .object(let members) = json else {
            throw .shape(pointer, reason: "must be an object, not \(json.kind)")
        }
        self.pointer = pointer
        self.members = members
    }

    package subscript(_ name: String) -> JSON? {
        mutating get {
            known.append(name)
            return members.value(of: name)
        }
    }

    /// The member; nil also if it is null.
    private mutating func value(_ name: String) -> JSON? {
        let value = self[name]
        return value == .null ? nil : value
    }

    package mutating func string(_ name: String) throws(JSONDocumentError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let string) = value else { throw refuse(name, "must be a string, not \(value.kind)") }
        return string
    }

    package mutating func bool(_ name: String) throws(JSONDocumentError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { throw refuse(name, "must be true or false, not \(value.kind)") }
        return flag
    }

    package mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(JSONDocumentError) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer) else {
            throw refuse(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    package mutating func array(_ name: String) throws(JSONDocumentError) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else { throw refuse(name, "must be an array, not \(value.kind)") }
        return elements
    }

    package mutating func object(_ name: String) throws(JSONDocumentError) -> [JSON.Member]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw refuse(name, "must be an object, not \(value.kind)") }
        return members
    }

    package mutating func nested(_ name: String) throws(JSONDocumentError) -> JSONObject? {
        guard let value = value(name) else { return nil }
        return try JSONObject(value, at: pointer.appending(name))
    }

    /// Returns `value`, the member `name` as read by another method; throws if it is nil.
    package func require<Value>(_ name: String, _ value: Value?) throws(JSONDocumentError) -> Value {
        guard let value else { throw .shape(pointer, reason: "must have a member \"\(name)\"") }
        return value
    }

    package func refuse(_ name: String, _ reason: String) -> JSONDocumentError {
        .shape(pointer.appending(name), reason: reason)
    }

    /// Throws for the first member that was not read.
    package func refuseOthers() throws(JSONDocumentError) {
        guard let name = members.first(where: { !isKnown($0.name) })?.name else { return }
        throw refuse(name, "is unknown; known members are \(known.joined(separator: ", "))")
    }

    private func isKnown(_ name: String) -> Bool {
        known.contains { $0.hasSameBytes(as: name) }
    }
}

/// Why a JSON document is not as expected, and where.
public enum JSONDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not JSON.
    case syntax(JSONError)
    /// The value at the pointer is not as expected.
    case shape(JSONPointer, reason: String)

    /// The place and the reason: `3:14: …`, `#/headers/host: …`
    public var description: String {
        switch self {
        case .syntax(let error): error.description
        case .shape(let pointer, let reason): "#\(pointer): \(reason)"
        }
    }
}
