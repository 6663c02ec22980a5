package import FunctionCore
package import StreamTokensWorkflows

/// What goes wrong while an event is delivered.
package struct Faults: Sendable {
    /// A fault of the store.
    package enum Store: Sendable {
        /// Every operation fails.
        case down
        /// Each operation takes this long.
        case slow(TimeSpan)
        /// The first operation of this kind is carried out, and its reply is lost.
        case lost(StoreOperation)
    }

    package var store: Store?
    /// Takes the place of the given workflow.
    package var workflow: (any Workflow)?
    /// How long the platform lets the function run.
    package var deadline: TimeSpan?
    /// The operation of the store after which the process is killed.
    package var killed: StoreOperation?
    /// After how many server-sent events the client's line is cut.
    package var cut: Int?

    package static let none = Faults()
    package var isNone: Bool { store == nil && workflow == nil && deadline == nil && killed == nil && cut == nil }

    private init() {}

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let store = object["store"]
        let workflow = object["workflow"]
        let deadline = object["deadline"]
        let killed = object["killed"]
        cut = try object.integer("cut", in: 0...1000)
        try object.refuseOthers()

        if let store { self.store = try Store(store, at: pointer.appending("store")) }
        if let workflow { self.workflow = try GivenWorkflow(workflow, at: pointer.appending("workflow")) }
        if let deadline { self.deadline = try TimeSpan(deadline, at: pointer.appending("deadline")) }
        if let killed { self.killed = try StoreOperation(killed, at: pointer.appending("killed")) }
    }
}

extension Faults.Store {
    fileprivate init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        if json == .string("down") {
            self = .down
            return
        }
        guard case .object = json else {
            throw .shape(pointer, reason: "must be \"down\", {\"slow\": \"200ms\"} or {\"lost\": \"commit\"}")
        }
        var object = try JSONObject(json, at: pointer)
        let slow = object["slow"]
        let lost = object["lost"]
        try object.refuseOthers()
        switch (slow, lost) {
        case (let slow?, nil): self = .slow(try TimeSpan(slow, at: pointer.appending("slow")))
        case (nil, let lost?): self = .lost(try StoreOperation(lost, at: pointer.appending("lost")))
        default: throw .shape(pointer, reason: "must have one member, \"slow\" or \"lost\"")
        }
    }
}

/// An operation of the store, by its name in fixtures.
package enum StoreOperation: String, CaseIterable, Sendable {
    case mint, reserve, commit, admit, release, end

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        guard case .string(let name) = json, let operation = StoreOperation(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .shape(pointer, reason: "is no operation of the store; there are \(names)")
        }
        self = operation
    }
}
