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
