import FunctionBytes
import FunctionCore

/// The values of a policy's members while they are read.
struct PolicyMembers {
    private(set) var ttl: Int?
    private(set) var workflows: [String]?
    private(set) var variables: LockedVariables?
    private(set) var allow: [String]?
    private(set) var origins: [String]?
    private(set) var user: String?
    private(set) var maxSeconds: Int?
    private(set) var opens: StreamOpening?
    private(set) var resumeSeconds: Int?

    /// Whether nothing is decided but the ttl.
    var isEmpty: Bool {
        workflows == nil && variables == nil && allow == nil && origins == nil && user == nil && maxSeconds == nil
            && opens == nil && resumeSeconds == nil
    }

    /// Reads a JSON object that has only members of `known`.
    init(reading text: [UInt8], _ known: [PolicyMember], clampsTTL: Bool = false) throws(PolicyError) {
        let fields: JSONReader.Fields?
        do throws(JSONError) {
            fields = try JSONReader.fields(text)
        } catch {
            throw PolicyError(error, known: known)
        }
        guard let fields else { throw PolicyError("the body must be a JSON object") }
        for index in fields.members.indices {
            let (name, value) = (fields.members[index].name, fields.members[index].value)
            guard let member = PolicyMember(exactly: name, among: known) else {
                throw PolicyError(unknown: name, known: known)
            }
            switch member {
            case .ttl: ttl = try Self.number(fields.text(of: index), member, in: Lifetime.ttls, clamps: clampsTTL)
            case .workflows: workflows = try Self.workflows(value)
            case .variables: variables = try LockedVariables(value, fields.text(of: index))
            case .allow: allow = try Self.names(value)
            case .origins: origins = try Self.origins(value)
            case .user: user = try Self.user(value)
            case .maxSeconds: maxSeconds = try Self.number(fields.text(of: index), member, in: 1...86_400)
            case .opens: opens = try Self.opening(value)
            case .resumeSeconds: resumeSeconds = try Self.number(fields.text(of: index), member, in: 0...300)
            }
        }
    }

    /// What a store has kept.
    init?(user: String?, encoded: [UInt8]) {
        do throws(PolicyError) {
            try self.init(reading: encoded, PolicyMember.encoded)
            self.user = try user.map { user throws(PolicyError) in try Self.user(.string(user)) }
        } catch {
            return nil
        }
    }

    /// All members that a store keeps as the opaque part.
    var encoded: [UInt8] {
        var json = JSONWriter(reservingCapacity: 64 + (variables?.text.count ?? 0))
        json.object { json in
            json.member(.workflows, workflows)
            if let variables {
                json.name(PolicyMember.variables.rawValue)
                json.value(json: variables.text)
            }
            json.member(.allow, allow)
            json.member(.origins, origins)
            if let maxSeconds { json.member(PolicyMember.maxSeconds.rawValue, maxSeconds) }
            if let opens { json.member(PolicyMember.opens.rawValue, opens.rawValue) }
            if let resumeSeconds { json.member(PolicyMember.resumeSeconds.rawValue, resumeSeconds) }
        }
        return json.finish()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ member: PolicyMember, _ values: [String]?) {
        guard let values else { return }
        name(member.rawValue)
        array { array in for value in values { array.value(value) } }
    }
}

/// The members' values, one by one.
extension PolicyMembers {
    /// A number written in digits only.
    private static func number(
        _ text: ArraySlice<UInt8>,
        _ member: PolicyMember,
        in range: ClosedRange<Int>,
        clamps: Bool = false
    ) throws(PolicyError) -> Int {
        if text.allSatisfy(\.isDigit) {
            // JSON has no zeros in front: the first nine digits tell whether the number exceeds the range.
            let number = text.prefix(9).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            if clamps { return min(max(number, range.lowerBound), range.upperBound) }
            if range.contains(number) { return number }
        }
        throw PolicyError(member, "must be a whole number from \(range.lowerBound) to \(range.upperBound), in digits")
    }

    private static func workflows(_ value: JSON) throws(PolicyError) -> [String] {
        try list(value, .workflows, 1...16) { name in
            let isName =
                (1...64).contains(name.utf8.count)
                && name.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
            return isName ? nil : "is not a workflow's name, which has 1 to 64 letters, digits, - and _"
        }
    }

    private static func names(_ value: JSON) throws(PolicyError) -> [String] {
        var names = VariableNames()
        return try list(value, .allow, 0...64) { name in names.refusal(of: name) }
    }

    private static func origins(_ value: JSON) throws(PolicyError) -> [String] {
        try list(value, .origins, 1...16) { written in
            if PageOrigin.isUsual(written) { return nil }
            // A name has at most 254 characters; only the schemes of apps set no limit.
            guard written.utf8.count <= 512 else { return "is longer than any origin" }
            do throws(PageOriginError) {
                let origin = try PageOrigin(written).text
                return origin.hasSameBytes(as: written) ? nil : "is not written as browsers do; write \(origin)"
            } catch {
                return error.description(of: PolicyError.visible(written))
            }
        }
    }

    private static func user(_ value: JSON) throws(PolicyError) -> String {
        let user = try string(value, .user)
        guard (1...128).contains(user.utf8.count), user.utf8.allSatisfy(ASCIISet.visible.contains) else {
            throw PolicyError(.user, "must have 1 to 128 visible ASCII characters and no blanks")
        }
        return user
    }

    private static func opening(_ value: JSON) throws(PolicyError) -> StreamOpening {
        let text = try string(value, .opens)
        guard let opening = StreamOpening.allCases.first(where: { $0.rawValue.hasSameBytes(as: text) }) else {
            let choices = StreamOpening.allCases.map(\.rawValue).joined(separator: " or ")
            throw PolicyError(.opens, "must be \(choices)")
        }
        return opening
    }

    private static func string(_ value: JSON, _ member: PolicyMember) throws(PolicyError) -> String {
        guard case .string(let text) = value else {
            throw PolicyError(member, "must be a string, not \(value.kind)")
        }
        return text
    }

    /// A list of different strings; `refusal` returns what is wrong with one.
    private static func list(
        _ value: JSON,
        _ member: PolicyMember,
        _ counts: ClosedRange<Int>,
        _ refusal: (String) -> String?
    ) throws(PolicyError) -> [String] {
        guard case .array(let elements) = value else {
            throw PolicyError(member, "must be an array of strings, not \(value.kind)")
        }
        guard elements.count >= counts.lowerBound else { throw PolicyError(member, "must not be empty") }
        guard elements.count <= counts.upperBound else {
            throw PolicyError(member, "has \(elements.count) entries; at most \(counts.upperBound) are allowed")
        }
        var texts: [String] = []
        texts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw PolicyError(member, index, "must be a string, not \(element.kind)")
            }
            if let reason = refusal(text) { throw PolicyError(member, index, reason) }
            // Of a few short texts.
            guard !texts.contains(where: { $0.hasSameBytes(as: text) }) else {
                throw PolicyError(member, index, "is there twice")
            }
            texts.append(text)
        }
        return texts
    }
}
