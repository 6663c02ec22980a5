package import FunctionCore
package import StreamTokens
import StreamTokensRedemption

/// `/api/v1/admit`: redeems the token of a request that a proxy is about to pass to a server of its own, for nginx's
/// `auth_request` and its kin. 204 lets the request through; anything else refuses it.
///
/// The proxy names the original request in header fields, and nothing else here tells about it: its method, its path
/// and its body are those of the proxy's question.
package struct AdmitFunction: Sendable {
    package static let path = "/api/v1/admit"

    let store: any TokenStore
    let randomBits: RandomBits
    let options: AdmitOptions
    let unsettled: UnsettledAttempts
    private let clock: any Clock<Duration>
    private let report: Report?

    /// Receives the outcomes of requests; must not block.
    package typealias Report = @Sendable (AdmitEvent) -> Void

    package init(
        store: any TokenStore,
        clock: any Clock<Duration>,
        randomBits: @escaping RandomBits,
        options: AdmitOptions = AdmitOptions(),
        report: Report? = nil
    ) {
        self.store = store
        self.clock = clock
        self.randomBits = randomBits
        self.options = options
        self.report = report
        unsettled = UnsettledAttempts(store: store) { origin, event in
            report?(AdmitEvent(origin: origin, kind: AdmitEvent.Kind(event)))
        }
    }

    /// Whether a path is the function's, which has all those below it: Envoy appends the original path.
    package static func serves(_ path: String) -> Bool {
        path.utf8.starts(with: Self.path.utf8)
            && (path.utf8.count == Self.path.utf8.count || path.utf8.starts(with: (Self.path + "/").utf8))
    }

    package func handle(_ request: Request) async -> Response {
        let trace = TraceContext(continuing: request.trace, randomBits)
        let original = OriginalRequest(request, options)
        var origin = RequestOrigin(
            requestID: request.id,
            traceID: trace.traceID,
            workflow: original.workflow.map(String.init),
            client: request.clientAddress
        )
        var response: Response
        do throws(Refused) {
            let reservation = try await admit(original, of: request, origin)
            origin.user = reservation.policy?.user
            report?(AdmitEvent(origin: origin, kind: .admitted(reservation)))
            response = .admitted(reservation, options.status)
        } catch {
            response = errorResponse(error.error, request)
            response.cause = error.cause
            if let refusal = error.refusal {
                origin.user = error.user
                let token = try? StreamToken(original.credential)
                report?(AdmitEvent(origin: origin, kind: .refused(refusal, token, cause: error.cause)))
            }
        }
        for fault in original.faults { report?(AdmitEvent(origin: origin, kind: .proxyFault(fault))) }
        response.traceID = trace.traceID
        return response
    }

    /// The response to a request that is refused, by the runtime too, in the form that the proxy takes.
    package func errorResponse(_ error: HTTPError, _ request: Request?) -> Response {
        var response = error.response()
        if options.refusesAs == .nginx { response.restrict(to: error) }
        options.allowedOrigins.expose(&response, to: request)
        return response
    }

    /// Throws if the store does not work.
    package func checkReadiness() async throws {
        try await store.ping()
    }

    /// Once a second, releases attempts of unknown outcome. Runs until its task is cancelled.
    package func maintain() async {
        while (try? await clock.sleep(for: .seconds(1))) != nil { await unsettled.settle() }
        await unsettled.settle()
    }

    /// Releases attempts of unknown outcome before the process is frozen, until the store fails.
    package func settle() async {
        await unsettled.settleAll()
    }

    /// Makes the checks in their order: those that need no store come first.
    private func admit(
        _ original: OriginalRequest,
        of request: Request,
        _ origin: RequestOrigin
    ) async throws(Refused) -> Reservation {
        guard Self.serves(request.path) else { throw Refused(nil, .notFound) }
        if let field = original.ambiguousField {
            let words = request.hasJoinedFields ? "has a comma, which may stand between two values" : "is there twice"
            throw Refused(nil, .badRequest, cause: "\(field) \(words): the proxy must replace the client's")
        }
        guard ![.options, .head].contains(original.method) else { throw Refused(nil, .opensNothing) }
        guard !request.isPrefetch else { throw Refused(nil, .prefetch) }
        guard options.allowedOrigins.allow(request) else { throw Refused(.originNotAllowed, .originNotAllowed) }
        let token = try StreamToken(original.credential)
        var sender = request
        sender.headers[.host] = request.headers[options.hostField]
        let attempt =
            original.id.map { Attempt.random(randomBits, ofRequest: $0) } ?? Attempt.random(randomBits)
        let reservation = try await admit(token, for: attempt, origin) { [sender] policy throws(Refused) in
            try policy.check(original.workflow, sender)
        }
        guard !Task.isCancelled else {
            // The proxy has hung up: it lets nothing through.
            await release(token, attempt, origin, wasCommitting: true)
            throw Refused(.clientGone, .clientGone)
        }
        return reservation
    }
}
