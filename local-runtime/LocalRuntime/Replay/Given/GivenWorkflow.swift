import Function
import Workflows

/// A workflow that does as a fixture says, whatever its name and its variables are.
struct GivenWorkflow: Workflow {
    private let outputs: [WorkflowOutput]
    /// Why it does not go on after them; nil if that is its end.
    private let failure: WorkflowFailure?
    /// Whether nothing comes after them, not even an end.
    private let hangs: Bool

    /// Whether it comes to no end that a client could see without a limit of its own.
    var endsInSilence: Bool { hangs || failure == .timedOut }

    /// The bytes of its longest output.
    var longestOutput: Int {
        outputs.map { if case .bytes(let bytes) = $0 { bytes.count } else { 0 } }.max() ?? 0
    }

    /// What a number of JSON has exactly.
    private static let longestRetry = (1 << 53) - 1

    /// By the limit that stands where none is set.
    private static let eventTooLarge = WorkflowFailure.eventTooLarge(limit: 1 << 20)

    private static let reason = "the fixture says so"

    init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let texts = try object.array("output")
        let events = try object.array("events")
        let failure = try object.string("fails")
        let retryAfter = try object.integer("retry_after", in: 0...86_400)
        hangs = try object.bool("hangs") ?? false
        try object.refuseOthers()

        guard failure == nil || !hangs else { throw object.refuse("hangs", "cannot be beside fails") }
        guard texts == nil || events == nil else { throw object.refuse("events", "cannot be beside output") }
        guard retryAfter == nil || failure == "busy" else {
            throw object.refuse("retry_after", "is what a busy one says: \"fails\" must be \"busy\"")
        }
        var outputs: [WorkflowOutput] = []
        for (index, text) in (texts ?? []).enumerated() {
            let place = pointer.appending("output").appending(index)
            let bytes = try Content(text, at: place).bytes
            guard !bytes.isEmpty else { throw .shape(place, reason: "must not be empty") }
            outputs.append(.bytes(bytes))
        }
        for (index, event) in (events ?? []).enumerated() {
            outputs.append(try Self.event(event, at: pointer.appending("events").appending(index)))
        }
        self.outputs = outputs
        self.failure = try failure.map { name throws(JSONDocumentError) in
            guard let failure = Self.failure(name, retryAfter) else {
                let names = "not_found, rejected, busy, unavailable, event_too_large or timed_out"
                throw object.refuse("fails", "must be \(names)")
            }
            guard texts == nil || failure != Self.eventTooLarge else {
                throw object.refuse("fails", "is what events can be: there is output, which has no size to exceed")
            }
            return failure
        }
    }

    /// An event, or without data what it says of reconnecting.
    private static func event(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) -> WorkflowOutput {
        var object = try JSONObject(json, at: pointer)
        let type = try object.string("type")
        let data = try object.string("data")
        let id = try object.string("id")
        let retry = try object.integer("retry", in: 0...Self.longestRetry)
        try object.refuseOthers()
        if data == nil, type == nil, id != nil || retry != nil { return .reconnection(.init(id: id, retry: retry)) }
        return .event(ServerSentEvent(type: type, data: try object.require("data", data), id: id, retry: retry))
    }

    private static func failure(_ name: String, _ retryAfter: Int?) -> WorkflowFailure? {
        switch name {
        case "not_found": .notFound
        case "rejected": .rejected(reason)
        case "busy": .busy(retryAfter: retryAfter)
        case "unavailable": .unavailable(reason)
        case "event_too_large": eventTooLarge
        case "timed_out": .timedOut
        default: nil
        }
    }

    func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        // What it says of reconnecting begins no run.
        let begins = outputs.contains { if case .reconnection = $0 { false } else { true } }
        if !begins, let failure { throw failure }
        return GivenRun(outputs, failure, hangs: hangs)
    }
}

private actor GivenRun: WorkflowRun {
    private var outputs: ArraySlice<WorkflowOutput>
    private let failure: WorkflowFailure?
    private let hangs: Bool
    private var isCancelled = false

    init(_ outputs: [WorkflowOutput], _ failure: WorkflowFailure?, hangs: Bool) {
        self.outputs = outputs[...]
        self.failure = failure
        self.hangs = hangs
    }

    func next(within limit: Duration) async throws(WorkflowFailure) -> WorkflowOutput {
        guard !isCancelled, !Task.isCancelled else { throw .cancelled }
        if let output = outputs.popFirst() { return output }
        if hangs {
            guard (try? await ContinuousClock().sleep(for: limit)) != nil else { throw .cancelled }
            throw .timedOut
        }
        guard let failure else { return .end }
        throw failure
    }

    func cancel() {
        isCancelled = true
    }
}
