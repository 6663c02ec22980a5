import FunctionCore

/// Finds patterns that match everything or nothing, by the kinds of values that they can match.
enum PatternLint {
    /// Nil is an absent value.
    typealias Kinds = Set<JSON.Kind?>

    static let anything = Kinds(JSON.Kind.allCases.map(Optional.some) + [nil])

    /// The mistakes in a pattern, as it is written, for a value of one of `kinds`. `what` is that value in words.
    static func mistakes(
        in pattern: JSON,
        at pointer: JSONPointer,
        for kinds: Kinds = anything,
        _ what: String = "a value",
        isExact: Bool = false
    ) -> [Mistake] {
        let own = Self.kinds(of: pattern)
        if !own.isEmpty, own.isDisjoint(with: kinds) {
            let names = kinds.compactMap { $0?.rawValue }.sorted().joined(separator: " or ")
            return [Mistake(pointer, "never matches here", mend: "\(what) is of type \(names)")]
        }
        switch pattern {
        case .null, .bool, .number, .string: return []
        case .array(let elements):
            return elements.enumerated().flatMap { index, element in
                mistakes(in: element, at: pointer.appending(index), isExact: isExact)
            }
        case .object(let members) where members.isEmpty:
            guard !isExact else { return [] }
            let mend = #"write {"$exact": {}} for an empty one, {"$type": "object"} for any"#
            return [Mistake(pointer, "matches every object", mend: mend)]
        case .object(let members) where members.contains { $0.name.isMatcher }:
            let inner = members.flatMap { mistakes(in: $0, at: pointer.appending($0.name), isExact: isExact) }
            guard own.isEmpty, inner.isEmpty else { return inner }
            let names = members.map(\.name).joined(separator: ", ")
            return [Mistake(pointer, "matches nothing", mend: "no value is what \(names) ask for together: keep one")]
        case .object(let members):
            return members.flatMap { mistakes(in: $0.value, at: pointer.appending($0.name), isExact: isExact) }
        }
    }

    private static func mistakes(in matcher: JSON.Member, at pointer: JSONPointer, isExact: Bool) -> [Mistake] {
        switch (matcher.name, matcher.value) {
        case ("$regex", .string(".*")):
            return [Mistake(pointer, "matches every text", mend: #"write {"$type": "string"} if that is meant"#)]
        case ("$range", .array(let bounds)) where bounds.count == 2 && bounds[0] == bounds[1]:
            let value = bounds[0].description
            return [
                Mistake(pointer, "has one value", mend: "write \(value) instead, or \"\(value)\" where it is a text")
            ]
        case ("$oneOf", .array(let patterns)):
            return mistakes(inOneOf: patterns, at: pointer, isExact: isExact)
        case ("$length", let length):
            if case .number(let number) = length, number < 0 || number.rounded() != number {
                return [Mistake(pointer, "matches nothing", mend: "a length is a whole number from 0")]
            }
            return mistakes(in: length, at: pointer, for: [.number], "a length")
        case ("$exact", let pattern):
            guard hasObject(pattern) else {
                return [Mistake(pointer, "matters only for objects", mend: "write the value in place of the matcher")]
            }
            return mistakes(in: pattern, at: pointer, isExact: true)
        default:
            return []
        }
    }

    private static func mistakes(inOneOf patterns: [JSON], at pointer: JSONPointer, isExact: Bool) -> [Mistake] {
        guard let first = patterns.first else {
            return [Mistake(pointer, "matches nothing", mend: "name what the value may be")]
        }
        guard patterns.count > 1 || kinds(of: first) == [nil] else {
            return [Mistake(pointer, "has one value", mend: "write it in place of the matcher")]
        }
        return patterns.enumerated().flatMap { index, pattern in
            let place = pointer.appending(index)
            guard kinds(of: pattern) != [nil] else {
                let mend = "leave it out: absent is none of several values"
                return [Mistake(place, "never matches within $oneOf", mend: mend)]
            }
            return mistakes(in: pattern, at: place, isExact: isExact)
        }
    }

    /// The kinds of values that a pattern can match; empty if it matches nothing.
    private static func kinds(of pattern: JSON) -> Kinds {
        switch pattern {
        // A reference may resolve to any kind.
        case .string where pattern.refers: return anything
        case .null, .bool, .number, .string, .array: return [pattern.kind]
        case .object(let members):
            guard members.contains(where: { $0.name.isMatcher }) else { return [.object] }
            return members.reduce(anything) { $0.intersection(kinds(of: $1)) }
        }
    }

    private static func kinds(of matcher: JSON.Member) -> Kinds {
        switch (matcher.name, matcher.value) {
        case ("$type", .string("integer")): return [.number]
        case ("$type", .string(let name)): return JSON.Kind(rawValue: name).map { [$0] } ?? anything
        case ("$regex", _): return [.string]
        case ("$range", _): return [.number, .string]
        case ("$oneOf", .array(let patterns)):
            return patterns.reduce(Kinds()) { $0.union(kinds(of: $1)) }.subtracting([nil])
        case ("$length", _): return [.string, .array, .object]
        case ("$absent", _): return [nil]
        case ("$exact", let pattern): return kinds(of: pattern)
        default: return anything
        }
    }

    private static func hasObject(_ pattern: JSON) -> Bool {
        switch pattern {
        case .null, .bool, .number: false
        case .string: pattern.refers
        case .array(let elements): elements.contains(where: hasObject)
        case .object: true
        }
    }
}
