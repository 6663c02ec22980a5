import FunctionCore

/// Finds mistakes in an expectation that the reader accepts, above all what no response can match.
struct ExpectationLint {
    /// As it is written.
    let expectation: JSON
    let pointer: JSONPointer
    let given: Given

    var mistakes: [Mistake] {
        statusMistakes
            + each("headers") { pattern, place in
                // Null is a header that must be absent.
                pattern == .null
                    ? [] : PatternLint.mistakes(in: pattern, at: place, for: [.string, nil], "a header's value")
            }
            + (expectation.member("body").map { PatternLint.mistakes(in: $0, at: pointer.appending("body")) } ?? [])
            + elements("events").flatMap(eventMistakes)
            + elements("chunks").flatMap { pattern, place in
                PatternLint.mistakes(in: pattern, at: place, for: [.string], "a piece of a body")
            }
            + storeMistakes(of: "store") + storeMistakes(of: "silence")
    }

    private var statusMistakes: [Mistake] {
        guard let status = expectation.member("status") else { return [] }
        let place = pointer.appending("status")
        if case .number(let number) = status, number.rounded() != number || !(200...599).contains(number) {
            return [Mistake(place, "is the status of no response", mend: "those are from 200 to 599")]
        }
        return PatternLint.mistakes(in: status, at: place, for: [.number], "a status")
    }

    private func eventMistakes(_ pattern: JSON, _ place: JSONPointer) -> [Mistake] {
        guard case .object(let members) = pattern, !members.contains(where: { $0.name.isMatcher }) else {
            return PatternLint.mistakes(in: pattern, at: place, for: [.object], "a server-sent event")
        }
        if members.isEmpty { return PatternLint.mistakes(in: pattern, at: place) }
        return members.flatMap { member in
            let place = place.appending(member.name)
            switch member.name {
            case "data": return PatternLint.mistakes(in: member.value, at: place)
            case "type", "id":
                let what = "an event's \(member.name)"
                return PatternLint.mistakes(in: member.value, at: place, for: [.string, nil], what)
            default: return [Mistake(place, "is never there", mend: "a server-sent event has type, data and id")]
            }
        }
    }

    /// Mistakes in what the store is expected to hold, by the member `name`.
    private func storeMistakes(of name: String) -> [Mistake] {
        guard let store = expectation.member(name) else { return [] }
        let place = pointer.appending(name)
        guard let members = store.plainMembers else {
            return PatternLint.mistakes(in: store, at: place, for: [.object], "a store's content")
        }
        let tokens = given.organizations.flatMap(\.tokens).map(\.text)
        return members.flatMap { member -> [Mistake] in
            switch member.name {
            case "tokens":
                return contents(member.value, in: place, of: "tokens", named: tokens) { pattern, place in
                    if case .string(let state) = pattern, !pattern.refers, !Self.words.contains(state) {
                        let words = Self.words.joined(separator: ", ")
                        return [Mistake(place, "is no state of a token", mend: "there are \(words)")]
                    }
                    return PatternLint.mistakes(in: pattern, at: place, for: [.string], "a token's state")
                }
            case "policies":
                let tokens = given.organizations.flatMap(\.tokens).filter { $0.policy != nil }.map(\.text)
                return contents(member.value, in: place, of: "policies", named: tokens) { pattern, place in
                    let others = (pattern.plainMembers ?? []).filter { !Self.policyMembers.contains($0.name) }
                    let mend = "a policy has \(Self.policyMembers.joined(separator: ", "))"
                    return PatternLint.mistakes(in: pattern, at: place, for: [.object], "a policy")
                        + others.map { Mistake(place.appending($0.name), "is never there", mend: mend) }
                }
            case "organizations":
                let names = given.organizations.map(\.name)
                return contents(member.value, in: place, of: "organizations", named: names) {
                    PatternLint.mistakes(in: $0, at: $1, for: [.object], "an organization")
                }
            default:
                let place = place.appending(member.name)
                return [Mistake(place, "is never there", mend: "a store has tokens, policies and organizations")]
            }
        }
    }

    private static let policyMembers = [
        "workflows", "variables", "allow", "origins", "user", "max_seconds", "opens", "resume_seconds",
        "refused",
    ]

    private static let words = GivenToken.State.allCases.map(\.rawValue) + ["unknown"]

    /// Mistakes in what is expected of the store's tokens or organizations, of which there are those that are given.
    private func contents(
        _ pattern: JSON,
        in store: JSONPointer,
        of kind: String,
        named known: [String],
        _ mistakes: (JSON, JSONPointer) -> [Mistake]
    ) -> [Mistake] {
        let place = store.appending(kind)
        guard let members = pattern.plainMembers else {
            return PatternLint.mistakes(in: pattern, at: place, for: [.object], "what holds \(kind)")
        }
        return members.flatMap { member -> [Mistake] in
            let place = place.appending(member.name)
            guard known.contains(member.name) else {
                return [Mistake(place, "is never there", mend: "name one that is given")]
            }
            return mistakes(member.value, place)
        }
    }

    private func each(_ name: String, _ mistakes: (JSON, JSONPointer) -> [Mistake]) -> [Mistake] {
        guard case .object(let members)? = expectation.member(name) else { return [] }
        return members.flatMap { mistakes($0.value, pointer.appending(name).appending($0.name)) }
    }

    private func elements(_ name: String) -> [(JSON, JSONPointer)] {
        (expectation.member(name)?.elements ?? []).enumerated().map { ($1, pointer.appending(name).appending($0)) }
    }
}

extension JSON {
    /// The members of an object's pattern; nil if it is empty or has a matcher.
    fileprivate var plainMembers: [Member]? {
        guard case .object(let members) = self, members.allSatisfy({ !$0.name.isMatcher }), !members.isEmpty else {
            return nil
        }
        return members
    }
}
