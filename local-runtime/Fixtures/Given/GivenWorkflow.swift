package import FunctionCore
package import StreamTokensWorkflows

/// A workflow that does what a fixture says, whatever its name and variables are.
package struct GivenWorkflow: Workflow {
    private let outputs: [WorkflowOutput]
    /// How it fails after the outputs; nil if it ends.
    private let failure: WorkflowFailure?
    /// Whether it neither ends nor fails after the outputs.
    private let hangs: Bool
    /// How long nothing comes before the first output, or before it fails without one. A replay lets it pass by the
    /// store's clock.
    package let silence: TimeSpan?

    /// Whether a client without a timeout of its own would wait for an end in vain.
    package var endsInSilence: Bool { hangs || failure == .timedOut }

    /// The length of its longest output, in bytes.
    package var maxOutput: Int {
        outputs.map { if case .bytes(let bytes) = $0 { bytes.count } else { 0 } }.max() ?? 0
    }

    /// The largest integer that a number of JSON holds exactly.
    private static let maxRetry = (1 << 53) - 1

    /// With the default limit.
    private static let eventTooLarge = WorkflowFailure.eventTooLarge(limit: 1 << 20)

    private static let reason = "the fixture says so"

    package init(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) {
        var object = try JSONObject(json, at: pointer)
        let texts = try object.array("output")
        let events = try object.array("events")
        let failure = try object.string("fails")
        let retryAfter = try object.integer("retry_after", in: 0...86_400)
        let variable = try object.string("variable")
        hangs = try object.bool("hangs") ?? false
        let silence = object["silent"]
        try object.refuseOthers()

        self.silence = try silence.map { json throws(JSONDocumentError) in
            try TimeSpan(json, at: pointer.appending("silent"))
        }
        guard failure == nil || !hangs else { throw object.refuse("hangs", "cannot be beside fails") }
        guard texts == nil || events == nil else { throw object.refuse("events", "cannot be beside output") }
        guard retryAfter == nil || failure == "busy" else {
            throw object.refuse("retry_after", "is only for \"fails\": \"busy\"")
        }
        let name = variable.flatMap { VariableName($0) }
        // A longer name would be cut before the client gets it.
        guard variable == nil || failure == "rejected" && name?.description.hasSameBytes(as: variable ?? "") == true
        else {
            let reason = "must be a plain name of at most 64 characters, and is only for \"fails\": \"rejected\""
            throw object.refuse("variable", reason)
        }
        outputs =
            if let texts { try texts.read(at: pointer.appending("output"), Self.bytes) } else {
                try (events ?? []).read(at: pointer.appending("events"), Self.event)
            }
        self.failure = try failure.map { word throws(JSONDocumentError) in
            guard let failure = Self.failure(word, retryAfter, name) else {
                let names = "not_found, rejected, busy, unavailable, event_too_large or timed_out"
                throw object.refuse("fails", "must be \(names)")
            }
            guard texts == nil || failure != Self.eventTooLarge else {
                throw object.refuse("fails", "is only for events: output has no limit")
            }
            return failure
        }
    }

    private static func bytes(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) -> WorkflowOutput {
        let bytes = try Content(json, at: pointer).bytes
        guard !bytes.isEmpty else { throw .shape(pointer, reason: "must not be empty") }
        return .bytes(bytes)
    }

    /// An event; without data, only an id or a retry time for reconnecting.
    private static func event(_ json: JSON, at pointer: JSONPointer) throws(JSONDocumentError) -> WorkflowOutput {
        var object = try JSONObject(json, at: pointer)
        let type = try object.string("type")
        let data = try object.string("data")
        let id = try object.string("id")
        let retry = try object.integer("retry", in: 0...Self.maxRetry)
        try object.refuseOthers()
        if data == nil, type == nil, id != nil || retry != nil { return .reconnection(.init(id: id, retry: retry)) }
        return .event(ServerSentEvent(type: type, data: try object.require("data", data), id: id, retry: retry))
    }

    private static func failure(_ name: String, _ retryAfter: Int?, _ variable: VariableName?) -> WorkflowFailure? {
        let all: [WorkflowFailure] = [
            .notFound, .rejected(reason, variable: variable), .busy(retryAfter: retryAfter), .unavailable(reason),
            eventTooLarge, .timedOut,
        ]
        return all.first { $0.fixtureName == name }
    }

    package func start(_ call: WorkflowCall, within limit: Duration) async throws(WorkflowFailure) -> any WorkflowRun {
        // An id or a retry time alone does not begin a run.
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

extension WorkflowFailure {
    /// Its name in fixtures; nil for a failure that only a client causes.
    package var fixtureName: String? {
        switch self {
        case .notFound: "not_found"
        case .rejected: "rejected"
        case .busy: "busy"
        case .unavailable: "unavailable"
        case .eventTooLarge: "event_too_large"
        case .timedOut: "timed_out"
        case .cancelled: nil
        }
    }
}
