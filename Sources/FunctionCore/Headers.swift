/// The header fields of a message (RFC 9110, section 5), in order and with repeats.
///
/// Names ignore case and are stored in lower case, as HTTP/2 and HTTP/3 send them. Names and values are legal by
/// construction, so a handler cannot split a response through them.
public struct Headers: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// One field line.
    public struct Field: Hashable, Sendable {
        public let name: Name
        public let value: Value

        public init(_ name: Name, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The field lines, in order.
    public private(set) var fields: [Field]

    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The first value of `name`. Setting replaces every field of that name; nil removes them.
    public subscript(_ name: Name) -> Value? {
        get {
            for field in fields where field.name == name { return field.value }
            return nil
        }
        set {
            guard let newValue else { return remove(name) }
            guard let first = fields.firstIndex(where: { $0.name == name }) else {
                return fields.append(Field(name, newValue))
            }
            fields[first] = Field(name, newValue)
            for index in fields.indices.reversed() where index > first && fields[index].name == name {
                fields.remove(at: index)
            }
        }
    }

    /// All values of `name`, in order.
    public func values(of name: Name) -> [Value] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    /// Adds a field line and keeps others of that name.
    public mutating func append(_ name: Name, _ value: Value) {
        fields.append(Field(name, value))
    }

    /// Removes every field of that name.
    public mutating func remove(_ name: Name) {
        fields.removeAll { $0.name == name }
    }

    public mutating func reserveCapacity(_ count: Int) {
        fields.reserveCapacity(count)
    }

    public init(dictionaryLiteral elements: (Name, Value)...) {
        fields = elements.map { Field($0.0, $0.1) }
    }
}
