import Function

/// What the workflow runs on: the members of a JSON object, and their text.
struct Variables: Sendable {
    let members: [JSON.Member]
    let text: [UInt8]

    /// The most bytes of a body.
    static let sizeLimit = 1 << 20

    enum Unreadable: Error {
        /// No JSON object; why not, for the log.
        case malformed(String)
        case tooLarge
    }

    /// Of a POST's body, nothing for an empty object.
    init(body: [UInt8]) throws(Unreadable) {
        try self.init(json: body.isEmpty ? Array("{}".utf8) : body)
    }

    private init(json text: [UInt8]) throws(Unreadable) {
        let value: JSON
        do throws(JSONError) {
            value = try JSONReader.read(text)
        } catch {
            // Without the reason, which may name a member.
            throw .malformed("no JSON at \(error.line):\(error.column)")
        }
        guard case .object(let members) = value else { throw .malformed("no object") }
        self.init(members, text)
    }

    private init(_ members: [JSON.Member], _ text: [UInt8]) {
        self.members = members
        self.text = text
    }

    /// Of a GET's query: every parameter but `token` is a string; `variables` gives an object instead.
    init(query: Parameters) throws(Unreadable) {
        let parameters = query.all.filter { !$0.name.hasSameBytes(as: "token") }
        if let variables = parameters.first(where: { $0.name.hasSameBytes(as: "variables") }) {
            guard parameters.count == 1 else { throw .malformed("parameters beside variables") }
            try self.init(json: Array(variables.value.utf8))
            return
        }
        let names = Set(parameters.map { ExactText($0.name) })
        guard names.count == parameters.count else { throw .malformed("a parameter twice") }
        let members = parameters.map { JSON.Member(name: $0.name, value: .string($0.value)) }
        self.init(members, Array(JSON.object(members).description.utf8))
    }
}
