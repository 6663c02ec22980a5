import FunctionCore

extension LockedVariables {
    /// The most bytes of their text.
    private static let sizeLimit = 8 * 1024

    /// `text` is the value's. Nil if the object has no members.
    init?(_ value: JSON, _ text: ArraySlice<UInt8>) throws(PolicyError) {
        guard case .object(let members) = value else {
            throw PolicyError(.variables, "must be an object, not \(value.kind)")
        }
        guard text.count <= Self.sizeLimit else {
            throw PolicyError(.variables, "has \(text.count) bytes; at most \(Self.sizeLimit) are allowed")
        }
        var names = VariableNames()
        for member in members {
            if let reason = names.refusal(of: member.name) {
                throw PolicyError(.variables, named: member.name, reason)
            }
            guard !member.value.hasNull else {
                throw PolicyError(.variables, named: member.name, VariableNames.nullReason)
            }
        }
        guard !members.isEmpty else { return nil }
        self.init(text: Array(text), members: members)
    }
}

/// Names of variables, none of which may pass for another.
///
/// Names are compared by bytes wherever a policy is applied. Two that differ only in their Unicode form are refused
/// here, because a workflow's language may take them for one.
struct VariableNames {
    private var earlier: Set<String> = []

    static let nullReason = "has the character U+0000"

    /// Why the name is refused; nil if it is not.
    mutating func refusal(of name: String) -> String? {
        guard !name.isEmpty else { return "is an empty name" }
        guard !name.utf8.contains(0) else { return Self.nullReason }
        // String compares by canonical equivalence, in quadratic time where marks pile up.
        guard !Self.pilesMarks(name) else { return "has more than 30 combining marks in a row" }
        return earlier.insert(name).inserted ? nil : "is there twice, perhaps in another Unicode form"
    }

    /// Whether the name is not in Unicode's Stream-Safe Text Format (UAX #15, section 13).
    private static func pilesMarks(_ name: String) -> Bool {
        // The fast path: ASCII has no marks.
        guard name.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        var count = 0
        for scalar in name.unicodeScalars {
            count = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : count + 1
            if count > 30 { return true }
        }
        return false
    }
}

extension JSON {
    /// Whether a string in it, or a name, has the character U+0000, which many languages take for the end.
    fileprivate var hasNull: Bool {
        switch self {
        case .null, .bool, .number: false
        case .string(let text): text.utf8.contains(0)
        case .array(let elements): elements.contains(where: \.hasNull)
        case .object(let members): members.contains { $0.name.utf8.contains(0) || $0.value.hasNull }
        }
    }
}
