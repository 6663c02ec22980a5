package import FunctionCore

/// A chain of steps: `NAME.scenario.json`.
struct Scenario: Sendable {
    let given: Given
    let steps: [Step]

    /// Reads a scenario. Unknown members are errors. `readFile` reads an event that has a file of its own.
    init(
        _ json: JSON,
        _ givens: GivenReader,
        readFile: @escaping (String) throws(FixtureError) -> JSON
    ) throws(FixtureError) {
        let members = try FixtureError.reading(try Self.steps(of: json))
        given = try givens.given(of: json)
        steps = try FixtureError.reading(try Self.read(members, readFile))
    }

    private static func steps(of json: JSON) throws(JSONDocumentError) -> [JSON] {
        var object = try JSONObject(json)
        _ = object["$schema"]
        _ = object["given"]
        let steps = try object.array("steps")
        try object.refuseOthers()
        let members = try object.require("steps", steps)
        guard !members.isEmpty else { throw object.refuse("steps", "must have a step") }
        return members
    }

    private static func read(
        _ members: [JSON],
        _ readFile: @escaping (String) throws(FixtureError) -> JSON
    ) throws(JSONDocumentError) -> [Step] {
        var reader = StepReader(readFile: readFile)
        return try members.read(at: JSONPointer.root.appending("steps")) { json, place throws(JSONDocumentError) in
            try reader.step(json, at: place)
        }
    }
}

/// Reads steps in their order. A step may refer only to earlier ones, so there are no circles.
private struct StepReader {
    let readFile: (String) throws(FixtureError) -> JSON
    var names: Set<String> = []

    mutating func step(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) -> Step {
        var object = try JSONObject(json, at: pointer)
        if let advance = object["advance"] {
            try object.refuseOthers()
            return .advance(try TimeSpan(advance, at: pointer.appending("advance")))
        }
        guard let members = try object.array("parallel") else {
            let delivery = try delivery(json, at: pointer, isParallel: false)
            if let name = delivery.name { names.insert(name) }
            return .deliver(delivery)
        }
        let statuses = object["statuses"]
        try object.refuseOthers()
        let deliveries = try members.read(at: pointer.appending("parallel")) { json, place throws(JSONDocumentError) in
            try delivery(json, at: place, isParallel: true)
        }
        names.formUnion(deliveries.compactMap(\.name))
        let pattern = try statuses.map { json throws(JSONDocumentError) in
            try Pattern(json, at: pointer.appending("statuses"))
        }
        return .parallel(deliveries, statuses: pattern, at: pointer)
    }

    private func delivery(
        _ json: JSON,
        at pointer: JSONPointer,
        isParallel: Bool
    ) throws(JSONDocumentError) -> Delivery {
        var object = try JSONObject(json, at: pointer)
        let name = try object.string("name")
        let event = object["event"]
        let faults = object["faults"]
        let expect = object["expect"]
        let again = object["again"]
        let times = isParallel ? try object.integer("times", in: 1...1000) : nil
        try object.refuseOthers()
        if let name { try check(name, in: object) }

        let json = try self.event(try object.require("event", event), in: object)
        var delivery = Delivery(
            event: try Template(json, at: pointer.appending("event"), check: check, EventReader.request)
        )
        delivery.name = name
        if let faults { delivery.faults = try Faults(faults, at: pointer.appending("faults")) }
        delivery.expectation = try expectation(expect, at: pointer.appending("expect"))
        delivery.again = try expectation(again, at: pointer.appending("again"))
        delivery.times = times ?? 1
        delivery.pointer = pointer
        return delivery
    }

    private func expectation(_ json: JSON?, at pointer: JSONPointer) throws(JSONDocumentError) -> Template<Expectation>?
    {
        guard let json else { return nil }
        return try Template(json, at: pointer, check: check, Expectation.init(_:at:))
    }

    private func event(_ json: JSON, in object: JSONObject) throws(JSONDocumentError) -> JSON {
        guard case .string(let file) = json else { return json }
        do throws(FixtureError) {
            return try readFile(file)
        } catch {
            throw object.refuse("event", error.description(in: file))
        }
    }

    private func check(_ name: String, in object: JSONObject) throws(JSONDocumentError) {
        let isWord = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        guard isWord, !name.isEmpty, name != Reference.environment else {
            throw object.refuse("name", "must be of a-z, 0-9 and _, and not \(Reference.environment)")
        }
        guard !names.contains(name) else { throw object.refuse("name", "is that of a step before it") }
    }

    private func check(_ reference: Reference, _ place: JSONPointer) throws(JSONDocumentError) {
        guard reference.source != Reference.environment else { return }
        guard names.contains(reference.source) else {
            throw .shape(place, reason: "refers to \(reference), but no step before it is named \(reference.source)")
        }
        guard Reference.parts.contains(where: reference.path[0].hasSameBytes) else {
            let parts = Reference.parts.joined(separator: ", ")
            throw .shape(place, reason: "refers to \(reference); a response has \(parts)")
        }
    }
}

/// One step of a fixture.
package enum Step: Sendable {
    case deliver(Delivery)
    /// Moves the store's clock forward.
    case advance(TimeSpan)
    /// All at once. `statuses` says how many responses each status must have.
    case parallel([Delivery], statuses: Pattern?, at: JSONPointer)

    package var deliveries: [Delivery] {
        switch self {
        case .deliver(let delivery): [delivery]
        case .parallel(let deliveries, _, _): deliveries
        case .advance: []
        }
    }
}

/// An event to deliver, and the expected response.
package struct Delivery: Sendable {
    /// Later steps refer to its response by this name.
    package var name: String?
    package let event: Template<Request>
    package var faults = Faults.none
    package var expectation: Template<Expectation>?
    /// What is expected when it is delivered a second time.
    package var again: Template<Expectation>?
    /// How many are delivered at once.
    package var times = 1
    /// Where it is in its file; the root for an event with a file of its own.
    package var pointer = JSONPointer.root

    /// Whether a body is expected to break off.
    package var breaksOff: Bool {
        expectation?.example.isComplete == false || again?.example.isComplete == false
    }
}
