import FunctionBytes

/// Reads JSON text (RFC 8259) strictly: it must be UTF-8, nothing may follow the value, and names in an object are unique.
public struct JSONReader {
    /// The deepest nesting of arrays and objects.
    public static let depthLimit = 64

    let bytes: [UInt8]
    var position = 0
    /// Where the outermost object's values are, if they are asked for.
    private var places: [Range<Int>]?

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public static func read(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var reader = JSONReader(bytes)
        return try reader.whole()
    }

    private mutating func whole() throws(JSONError) -> JSON {
        skipBlanks()
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    /// Reads an object, and the text of each member's value: a number's form is lost in ``JSON``. Returns nil for any
    /// other value.
    package static func fields(_ bytes: [UInt8]) throws(JSONError) -> Fields? {
        var reader = JSONReader(bytes)
        reader.places = []
        guard case .object(let members) = try reader.whole(), let places = reader.places else { return nil }
        return Fields(members: members, places: places, bytes: bytes)
    }

    /// The members of an object, and their values' texts.
    package struct Fields: Sendable {
        package let members: [JSON.Member]
        fileprivate let places: [Range<Int>]
        fileprivate let bytes: [UInt8]

        /// The text of a member's value.
        package func text(of index: Int) -> ArraySlice<UInt8> {
            bytes[places[index]]
        }
    }

    /// As ``read(_:)``, with the error type that readers of documents throw.
    package static func document(_ bytes: [UInt8]) throws(JSONDocumentError) -> JSON {
        do throws(JSONError) {
            return try read(bytes)
        } catch {
            throw .syntax(error)
        }
    }

    var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Takes the next byte if it is `byte`.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Makes an error at `position`, or at the next byte.
    func error(_ reason: String, at position: Int? = nil) -> JSONError {
        let before = bytes[..<(position ?? self.position)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        return JSONError(line: line, column: before.endIndex - lineStart + 1, reason: reason)
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        switch next {
        case let byte? where depth == Self.depthLimit && "{[".utf8.contains(byte):
            throw error("more than \(Self.depthLimit) levels deep")
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || byte.isDigit: return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("expected a value, but the text ends here")
        default: throw error("no JSON value begins like this")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual(word.description.utf8) else {
            throw error("no JSON value begins like this")
        }
        position = end
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            skipBlanks()
            do throws(JSONError) {
                elements.append(try value(depth: depth + 1))
            } catch {
                throw error.inside("\(elements.count)")
            }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("expected a comma or ]") }
        return .array(elements)
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        var names: Set<ExactText> = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object(members) }
        // Enough for most, in one allocation. Within a text there may be too many objects for this.
        if depth == 0 { members.reserveCapacity(8) }
        repeat {
            skipBlanks()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw error("expected a member's name in quotation marks") }
            let name = try string()
            guard !has(name, members, &names) else {
                throw error("the member \"\(name.shortened())\" is there twice", at: start).repeating(name)
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw error("expected a colon") }
            skipBlanks()
            let valueStart = position
            do throws(JSONError) {
                members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
            } catch {
                throw error.inside(name)
            }
            if depth == 0 { places?.append(valueStart..<position) }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("expected a comma or }") }
        return .object(members)
    }

    /// Whether `name` is already in `members`. `names` is an index of them, filled only for large objects.
    private func has(_ name: String, _ members: [JSON.Member], _ names: inout Set<ExactText>) -> Bool {
        // Comparing a few names costs less than hashing them.
        if members.count < 16 { return members.contains { $0.name.hasSameBytes(as: name) } }
        if names.isEmpty { names = Set(members.map { ExactText($0.name) }) }
        return !names.insert(ExactText(name)).inserted
    }

    /// Reads a number (section 6): `-`, an integer without leading zeros, a fraction, an exponent.
    mutating func number() throws(JSONError) -> Double {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        let first = position
        if !take(UInt8(ascii: "0")) { try digits() }
        // The fast path: a whole number of up to 15 digits is exact.
        if position - first <= 15, next.map({ ".eE".utf8.contains($0) }) != true {
            let whole = Double(bytes[first..<position].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
            return isNegative ? -whole : whole
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite else {
            throw error("number too large for 64-bit floating point", at: start)
        }
        return number
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, byte.isDigit { position += 1 }
        guard position > start else { throw error("expected a digit") }
    }
}

/// Why a text is not JSON, and where. Lines and columns count from 1; columns are in bytes.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public let line: Int
    public let column: Int
    /// Quotes nothing of the text except the beginning of a member's name.
    public let reason: String
    /// The names and indices on the way to the value in which the error is, the outermost first. Of a member that is
    /// there twice, its name is the last.
    package private(set) var path: [String] = []
    /// Whether a member is there twice.
    package private(set) var isRepetition = false

    /// `3:14: expected a colon`
    public var description: String { "\(line):\(column): \(reason)" }

    init(line: Int, column: Int, reason: String) {
        self.line = line
        self.column = column
        self.reason = reason
    }

    func inside(_ name: String) -> JSONError {
        var error = self
        error.path.insert(name, at: 0)
        return error
    }

    func repeating(_ name: String) -> JSONError {
        var error = inside(name)
        error.isRepetition = true
        return error
    }
}
