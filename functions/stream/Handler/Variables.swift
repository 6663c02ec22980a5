import FunctionCore
import StreamTokens

/// What the workflow runs on: the members of a JSON object, and their text.
struct Variables: Sendable {
    let members: [JSON.Member]
    let text: [UInt8]

    /// The most bytes of a body.
    static let sizeLimit = 1 << 20

    /// Why there is no JSON object: for the log, which repeats nothing that was sent, and for who sent it.
    struct Fault: Error {
        let cause: String
        let text: String
    }
}

extension Variables {
    /// Of a POST's body, nothing for an empty object.
    init(body: [UInt8]) throws(Fault) {
        try self.init(json: body.isEmpty ? Array("{}".utf8) : body)
    }

    private init(json text: [UInt8]) throws(Fault) {
        let value: JSON
        do throws(JSONError) {
            value = try JSONReader.read(text)
        } catch {
            // The reason may name a member.
            let place = "line \(error.line), column \(error.column)"
            throw Fault(cause: "no JSON at \(place)", text: "Expected a JSON object; at \(place): \(error.reason).")
        }
        guard case .object(let members) = value else {
            throw Fault(cause: "no object", text: "Expected a JSON object, which \(value.kind.inWords) is not.")
        }
        self.init(members: members, text: text)
    }

    /// Of a GET's query: every parameter but `token` is a string; `variables` gives an object instead.
    init(query: Parameters) throws(Fault) {
        let parameters = query.all.filter { !$0.name.hasSameBytes(as: "token") }
        if let variables = parameters.first(where: { $0.name.hasSameBytes(as: "variables") }) {
            guard parameters.count == 1 else {
                let text = "The parameter \"variables\" has to be the only one beside \"token\"."
                throw Fault(cause: "parameters beside variables", text: text)
            }
            try self.init(json: Array(variables.value.utf8))
            return
        }
        var names: Set<ExactText> = []
        for parameter in parameters where !names.insert(ExactText(parameter.name)).inserted {
            let text = "The parameter \"\(parameter.name.shortened())\" is there twice."
            throw Fault(cause: "a parameter twice", text: text)
        }
        let members = parameters.map { JSON.Member(name: $0.name, value: .string($0.value)) }
        self.init(members: members, text: Array(JSON.object(members).description.utf8))
    }
}

extension JSON.Kind {
    fileprivate var inWords: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .number, .string: "a \(rawValue)"
        case .array, .object: "an \(rawValue)"
        }
    }
}

extension StreamFunction {
    /// What a body may have before its token is looked up.
    private static let smallBody = 4096

    /// What the workflow is to run on. For a token that could not be reserved no large body is collected: what comes
    /// without a credential must not fill memory.
    func variables(of request: Request, for token: StreamToken) async throws(Refused) -> Variables {
        do {
            if request.method == .get { return try Variables(query: request.parameters) }
            return try Variables(body: await body(of: request, for: token))
        } catch let refused as Refused {
            throw refused
        } catch let fault as Variables.Fault {
            throw Refused(.invalidBody, .invalidVariables(fault.text), cause: fault.cause)
        } catch is Body.TooLarge {
            throw Refused(.bodyTooLarge, .bodyTooLarge)
        } catch {
            let text = "The body could not be read."
            throw Refused(.invalidBody, .invalidVariables(text), cause: "the body could not be read")
        }
    }

    private func body(of request: Request, for token: StreamToken) async throws -> [UInt8] {
        if request.body.length == nil, request.headers[.expect] != nil {
            // The client sends nothing before it is told to, and then may send all.
            try await check(token)
            return try await request.body.collect(upTo: Variables.sizeLimit)
        }
        return try await request.body.collect(upTo: Variables.sizeLimit, over: Self.smallBody) {
            try await check(token)
        }
    }

    /// Refuses what the reservation would, and reserves nothing: a body may take its time to come.
    private func check(_ token: StreamToken) async throws(Refused) {
        let refusal: ReserveRefusal?
        do throws(StoreError) {
            refusal = try await store.check(token)
        } catch {
            throw Refused(.storeUnavailable, .storeUnavailable, cause: error.description)
        }
        if let refusal { throw Refused(refusal) }
    }
}
