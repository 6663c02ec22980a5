import FunctionCore

/// Finds mistakes between the steps of a scenario.
struct ScenarioLint {
    let steps: [Step]
    /// As they are written.
    let source: JSON

    private static let pointer = JSONPointer.root.appending("steps")

    var mistakes: [Mistake] {
        unusedNames + steps.flatMap(mistakes) + lastStep + nothingExpected
    }

    private var unusedNames: [Mistake] {
        let used = Set(source.references.map(\.source))
        return steps.flatMap(\.deliveries).compactMap { delivery in
            guard let name = delivery.name, !used.contains(name) else { return nil }
            let mend = "leave the name out, or refer to it as in ${\(name).status}"
            return Mistake(delivery.pointer.appending("name"), "nothing refers to this step", mend: mend)
        }
    }

    private func mistakes(in step: Step) -> [Mistake] {
        switch step {
        case .advance: []
        case .deliver(let delivery): killedMistakes(in: delivery)
        case .parallel(let deliveries, let statuses, let pointer):
            deliveries.flatMap(killedMistakes) + countMistakes(deliveries, statuses, at: pointer)
        }
    }

    private func killedMistakes(in delivery: Delivery) -> [Mistake] {
        guard delivery.faults.killed != nil, let expectation = delivery.expectation else { return [] }
        let asked = ["status", "headers", "body", "events", "chunks", "within", "silence"].filter {
            expectation.source.member($0) != nil
        }
        let text = "is not looked at: a killed process gives no response"
        return asked.map {
            let mend = "leave it out, and expect something of the store"
            return Mistake(expectation.pointer.appending($0), text, mend: mend)
        }
    }

    private func countMistakes(_ deliveries: [Delivery], _ statuses: Pattern?, at pointer: JSONPointer) -> [Mistake] {
        guard !deliveries.isEmpty else {
            return [Mistake(pointer.appending("parallel"), "does nothing", mend: "add steps with an event")]
        }
        guard case .object(let members, _)? = statuses?.form, deliveries.allSatisfy({ $0.faults.killed == nil }) else {
            return []
        }
        var sum = 0.0
        for member in members {
            guard case .scalar(.number(let count)) = member.pattern.form else { return [] }
            sum += count
        }
        let count = deliveries.reduce(0) { $0 + $1.times }
        guard sum > Double(count) else { return [] }
        let mend = "there are \(count) responses to count: let the numbers add up to that"
        return [Mistake(pointer.appending("statuses"), "never matches", mend: mend)]
    }

    private var lastStep: [Mistake] {
        guard case .advance? = steps.last else { return [] }
        let place = Self.pointer.appending(steps.count - 1)
        return [Mistake(place, "nothing comes after it", mend: "leave it out, or add a step with an event")]
    }

    private var nothingExpected: [Mistake] {
        let isExpecting = steps.contains { step in
            if case .parallel(_, .some, _) = step { return true }
            return false
        }
        guard !isExpecting, steps.flatMap(\.deliveries).allSatisfy({ $0.expectation == nil && $0.again == nil }) else {
            return []
        }
        return [Mistake(Self.pointer, "nothing is expected", mend: #"add "expect" to a step"#)]
    }
}

extension JSON {
    /// Every reference in its texts.
    fileprivate var references: [Reference] {
        switch self {
        case .null, .bool, .number: []
        case .string(let text):
            (Reference.pieces(of: text) ?? []).compactMap { piece in
                if case .reference(let reference) = piece { reference } else { nil }
            }
        case .array(let elements): elements.flatMap(\.references)
        case .object(let members): members.flatMap(\.value.references)
        }
    }
}
