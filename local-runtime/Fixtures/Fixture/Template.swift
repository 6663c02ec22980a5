package import FunctionCore

/// A part of a fixture that may refer to answers which are not there yet.
package struct Template<Value: Sendable>: Sendable {
    package typealias Read = @Sendable (JSON, JSONPointer) throws(JSONDocumentError) -> Value

    /// As it is written.
    package let source: JSON
    package let pointer: JSONPointer
    private let read: Read
    /// Its value, with some text in place of each reference.
    package let example: Value
    private let refers: Bool

    /// Everything in it that can be wrong whatever the answers are is told at once. `resolve` refuses references that
    /// nothing can come of.
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

    /// Its value, given the answers so far.
    package func value(_ answers: Answers) throws(JSONDocumentError) -> Value {
        guard refers else { return example }
        return try read(try source.resolved(at: pointer, answers.value), pointer)
    }

    private static func refuse(_ reference: Reference, _ place: JSONPointer) throws(JSONDocumentError) {
        throw .shape(place, reason: "refers to \(reference), but there are steps in a scenario alone")
    }
}

/// The answers that a scenario's steps have got so far, by the steps' names, for others to refer to.
package struct Answers: Sendable {
    private var answers: [String: JSON] = [:]
    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package mutating func add(_ outcome: Outcome, of step: String) {
        let headers = Set(outcome.response.headers.fields.map(\.name)).map { name in
            JSON.Member(name: name.string, value: .string(outcome.response.headers.joined(name) ?? ""))
        }
        let text = String(decoding: outcome.body, as: UTF8.self)
        answers[step] = .object([
            "status": .number(outcome.response.status.code), "headers": .object(headers),
            "body": (try? JSONReader.read(outcome.body)) ?? .string(text),
        ])
    }

    /// What `reference`, which stands at `pointer`, refers to.
    package func value(_ reference: Reference, _ pointer: JSONPointer) throws(JSONDocumentError) -> JSON {
        if reference.source == Reference.environment {
            let name = reference.path.joined(separator: ".")
            guard let value = environment[name] else {
                throw .shape(pointer, reason: "refers to \(name) of the environment, which is not set")
            }
            return .string(value)
        }
        guard let answer = answers[reference.source], let value = answer.value(at: reference.path) else {
            let reason = "refers to \(reference), which the answer of \(reference.source) does not have"
            throw .shape(pointer, reason: reason)
        }
        return value
    }
}

extension Headers {
    /// The values of a field's repeats as one, joined as RFC 9110, section 5.3 says.
    package func joined(_ name: Name) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.map(\.string).joined(separator: ", ")
    }
}
