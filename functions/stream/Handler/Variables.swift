import FunctionCore
import StreamTokens
import StreamTokensRedemption

/// The variables of a run: the members of a JSON object, and its text.
struct Variables: Sendable {
    let members: [JSON.Member]
    let text: [UInt8]

    /// The most bytes of a body.
    static let sizeLimit = 1 << 20

    /// Why the variables are invalid: `cause` for the log, which never repeats what was sent, and `text` for the
    /// client.
    struct Fault: Error {
        let cause: String
        let text: String
    }
}

extension Variables {
    /// Reads the body of a POST; an empty body means an empty object.
    init(body: [UInt8]) throws(Fault) {
        try self.init(json: body.isEmpty ? Array("{}".utf8) : body)
    }

    private init(json text: [UInt8]) throws(Fault) {
        let value: JSON
        do throws(JSONError) {
            value = try JSONReader.read(text)
        } catch {
            // The reason may name a member, so it is not for the log.
            let place = "line \(error.line), column \(error.column)"
            throw Fault(cause: "no JSON at \(place)", text: "Expected a JSON object; at \(place): \(error.reason).")
        }
        guard case .object(let members) = value else {
            throw Fault(cause: "no object", text: "Expected a JSON object, which \(value.kind.inWords) is not.")
        }
        self.init(members: members, text: text)
    }

    /// Reads the query of a GET: each parameter except `token` is a string, or the single parameter `variables` is a
    /// JSON object.
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
    /// The most bytes of a body that are taken before its token is checked.
    private static let smallBody = 4096

    /// The request's variables. A large body is collected only for a token that could be reserved: requests without a
    /// valid token must not fill memory.
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
            // The client waits for 100 Continue, and may then send all of its body.
            try await check(token)
            return try await request.body.collect(upTo: Variables.sizeLimit)
        }
        return try await request.body.collect(upTo: Variables.sizeLimit, over: Self.smallBody) {
            try await check(token)
        }
    }

    /// Refuses a token that a reservation would refuse. It reserves nothing, because the body may take long to come.
    private func check(_ token: StreamToken) async throws(Refused) {
        let refusal: ReserveRefusal?
        do throws(StoreError) {
            refusal = try await store.check(token)
        } catch {
            throw Refused(error)
        }
        if let refusal { throw Refused(refusal) }
    }
}
