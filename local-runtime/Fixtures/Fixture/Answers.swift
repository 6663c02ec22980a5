package import FunctionCore

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
        guard let answer = answers[reference.source], let value = answer.value(at: reference.path[...]) else {
            throw .shape(
                pointer,
                reason: "refers to \(reference), which the answer of \(reference.source) does not have"
            )
        }
        return value
    }
}

extension JSON {
    /// What the names and indices lead to.
    fileprivate func value(at path: ArraySlice<String>) -> JSON? {
        guard let name = path.first else { return self }
        let inner: JSON? =
            switch self {
            case .object(let members): members.value(of: name)
            case .array(let elements): Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            case .null, .bool, .number, .string: nil
            }
        return inner?.value(at: path.dropFirst())
    }
}

extension Headers {
    /// The values of a field's repeats as one, joined as RFC 9110, section 5.3 says.
    package func joined(_ name: Name) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.map(\.string).joined(separator: ", ")
    }
}
