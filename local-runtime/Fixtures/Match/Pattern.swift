package import FunctionCore

/// What is expected of a JSON value: a literal value, or matchers if the value is not known beforehand.
///
/// The pattern of an object names the required members. Others are allowed, except within `$exact`.
package struct Pattern: Sendable {
    /// The pattern as it is written, for messages.
    package let source: JSON
    package let form: Form

    package indirect enum Form: Sendable {
        /// Null, a boolean, a number or a string.
        case scalar(JSON)
        case array([Pattern])
        case object([Member], isExact: Bool)
        /// All of them must match.
        case matchers([Matcher])
    }

    package struct Member: Sendable {
        package let name: String
        package let pattern: Pattern
    }
}

/// A member whose name begins with `$`.
package enum Matcher: Sendable {
    case type(ValueType)
    /// Must match the whole text.
    case regex(String)
    /// A number, or a text that is a number.
    case range(ClosedRange<Double>)
    case oneOf([Pattern])
    /// The number of characters, elements or members.
    case length(Pattern)
    case absent
    /// Forbids other members, at any depth.
    case exact(Pattern)

    /// A JSON type, or `integer` for a whole number.
    package enum ValueType: String, CaseIterable, Sendable {
        case null
        case boolean
        case integer
        case number
        case string
        case array
        case object

        func includes(_ value: JSON) -> Bool {
            if self == .integer, case .number(let number) = value { return number.rounded() == number }
            return rawValue == value.kind.rawValue
        }
    }
}

extension Pattern {
    /// Reads a pattern. `isExact` forbids other members.
    package init(_ json: JSON, at pointer: JSONPointer, isExact: Bool = false) throws(JSONDocumentError) {
        source = json
        switch json {
        case .null, .bool, .number, .string:
            form = .scalar(json)
        case .array(let elements):
            form = .array(try Self.patterns(elements, at: pointer, isExact: isExact))
        case .object(let members) where members.contains { $0.name.isMatcher }:
            guard members.allSatisfy(\.name.isMatcher) else {
                throw .shape(pointer, reason: "mixes matchers, which begin with $, and other members")
            }
            let matchers = try members.map { member throws(JSONDocumentError) in
                try Matcher(member, at: pointer, isExact: isExact)
            }
            form = .matchers(matchers)
        case .object(let members):
            let patterns = try members.map { member throws(JSONDocumentError) in
                let place = pointer.appending(member.name)
                return Member(name: member.name, pattern: try Pattern(member.value, at: place, isExact: isExact))
            }
            form = .object(patterns, isExact: isExact)
        }
    }

    fileprivate static func patterns(
        _ elements: [JSON],
        at pointer: JSONPointer,
        isExact: Bool
    ) throws(JSONDocumentError) -> [Pattern] {
        try elements.read(at: pointer) { json, place throws(JSONDocumentError) in
            try Pattern(json, at: place, isExact: isExact)
        }
    }
}

extension Matcher {
    fileprivate init(_ member: JSON.Member, at pointer: JSONPointer, isExact: Bool) throws(JSONDocumentError) {
        let place = pointer.appending(member.name)
        // Comparing a long name may take long, and no matcher has one.
        switch (member.name.utf8.count <= 8 ? member.name : "", member.value) {
        case ("$type", .string(let name)):
            guard let type = ValueType(rawValue: name) else {
                let types = ValueType.allCases.map(\.rawValue).joined(separator: ", ")
                throw .shape(place, reason: "is no type; there are \(types)")
            }
            self = .type(type)
        case ("$regex", .string(let pattern)):
            // A deeply nested one would overflow the stack of the compiler.
            guard pattern.unicodeScalars.count <= 1000 else {
                throw .shape(place, reason: "must have 1000 characters at most")
            }
            guard (try? Regex(pattern)) != nil else { throw .shape(place, reason: "is no regular expression") }
            self = .regex(pattern)
        case ("$range", .array(let bounds)):
            guard bounds.count == 2, case .number(let low) = bounds[0], case .number(let high) = bounds[1], low <= high
            else { throw .shape(place, reason: "must be [lowest, highest]") }
            self = .range(low...high)
        case ("$oneOf", .array(let elements)):
            self = .oneOf(try Pattern.patterns(elements, at: place, isExact: isExact))
        case ("$length", let length):
            self = .length(try Pattern(length, at: place))
        case ("$absent", .bool(true)):
            self = .absent
        case ("$exact", let pattern):
            self = .exact(try Pattern(pattern, at: place, isExact: true))
        case ("$type", _), ("$regex", _):
            throw .shape(place, reason: "must be a string, not \(member.value.kind)")
        case ("$range", _), ("$oneOf", _):
            throw .shape(place, reason: "must be an array, not \(member.value.kind)")
        case ("$absent", _):
            throw .shape(place, reason: "must be true; to require a value, use $type or $regex")
        default:
            let known = "$type, $regex, $range, $oneOf, $length, $absent, $exact"
            throw .shape(place, reason: "is no matcher; there are \(known)")
        }
    }
}

extension String {
    /// Whether it is the name of a matcher, even an unknown one.
    var isMatcher: Bool { utf8.first == UInt8(ascii: "$") }
}
