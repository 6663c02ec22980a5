package import FunctionCore
import FunctionTesting

/// A part of a fixture that may refer to responses of earlier steps.
package struct Template<Value: Sendable>: Sendable {
    package typealias Read = @Sendable (JSON, JSONPointer) throws(JSONDocumentError) -> Value

    /// As it is written.
    package let source: JSON
    package let pointer: JSONPointer
    private let read: Read
    /// Its value with a placeholder for each reference.
    package let example: Value
    private let refers: Bool

    /// Checks everything that does not depend on responses. `check` throws for references that can never resolve.
    package init(
        _ source: JSON,
        at pointer: JSONPointer,
        check: (Reference, JSONPointer) throws(JSONDocumentError) -> Void = Self.refuse,
        _ read: @escaping Read
    ) throws(JSONDocumentError) {
        self.source = source
        self.pointer = pointer
        self.read = read
        refers = source.refers
        let filled =
            try refers
            ? source.resolved(at: pointer) { reference, place throws(JSONDocumentError) in
                try check(reference, place)
                return .string("reference")
            } : source
        example = try read(filled, pointer)
    }

    /// Its value, with the responses so far.
    package func value(_ responses: StepResponses) throws(JSONDocumentError) -> Value {
        guard refers else { return example }
        return try read(try source.resolved(at: pointer, responses.value), pointer)
    }

    private static func refuse(_ reference: Reference, _ place: JSONPointer) throws(JSONDocumentError) {
        throw .shape(place, reason: "refers to \(reference), but only a scenario has steps")
    }
}

/// The responses of a scenario's steps so far, by the names of the steps.
package struct StepResponses: Sendable {
    private var responses: [String: JSON] = [:]
    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package mutating func add(_ outcome: Outcome, of step: String) {
        let headers = Set(outcome.response.headers.fields.map(\.name)).map { name in
            JSON.Member(name: name.string, value: .string(outcome.response.headers.joined(name) ?? ""))
        }
        let text = String(decoding: outcome.body, as: UTF8.self)
        var members: [(name: String, value: JSON)] = [
            ("status", .number(outcome.response.status.code)), ("headers", .object(headers)),
            ("body", (try? JSONReader.read(outcome.body)) ?? .string(text)),
        ]
        if let id = ServerSentEvent.lastID(in: outcome.body) { members.append(("last_event_id", .string(id))) }
        responses[step] = .object(members.map { JSON.Member(name: $0.name, value: $0.value) })
    }

    /// The value of the reference at `pointer`.
    package func value(_ reference: Reference, _ pointer: JSONPointer) throws(JSONDocumentError) -> JSON {
        if reference.source == Reference.environment {
            let name = reference.path.joined(separator: ".")
            guard let value = environment[name] else {
                throw .shape(pointer, reason: "refers to \(name) of the environment, which is not set")
            }
            return .string(value)
        }
        guard let response = responses[reference.source], let value = response.value(at: reference.path) else {
            let reason = "refers to \(reference), which the response of \(reference.source) does not have"
            throw .shape(pointer, reason: reason)
        }
        return value
    }
}

extension Headers {
    /// The values of a repeated field, joined as RFC 9110, section 5.3 says.
    package func joined(_ name: Name) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.map(\.string).joined(separator: ", ")
    }
}
