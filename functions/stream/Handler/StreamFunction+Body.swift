import Function
import Tokens

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
