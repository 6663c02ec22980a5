import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeFixtures

/// Runs fixtures against functions that are deployed somewhere.
struct DeployedBackEnd: BackEnd {
    let name = "url"
    private let addresses: FunctionAddresses
    /// The one that the functions use; nil if there is none to reach.
    private let store: LocalStore?
    private let transfer = WebTransfer()

    init(_ addresses: FunctionAddresses, _ store: LocalStore?) {
        self.addresses = addresses
        self.store = store
    }

    func open(_ fixture: Fixture) async throws -> (fixture: Fixture, session: any Session) {
        try check(fixture)
        guard let store else { return (fixture, DeployedSession(addresses, nil, transfer)) }
        let fixture = try fixture.withOwnSecrets()
        let given = try await GivenStore(fixture.given, in: store, isLive: true)
        return (fixture, DeployedSession(addresses, given, transfer))
    }

    private func check(_ fixture: Fixture) throws(Skipped) {
        let given = fixture.given
        guard !given.isStoreDown else { throw Skipped("the store of what is deployed is not down") }
        guard given.workflow == nil else { throw Skipped("what is deployed has its own workflows") }
        guard given.variables.isEmpty else { throw Skipped("what is deployed has its own settings") }
        guard store != nil || given.organizations.isEmpty else {
            throw Skipped("organizations have to be put into the deployment's Redis: --redis URL")
        }
        if let need = fixture.needForStillTime { throw Skipped(need) }
    }
}

private struct DeployedSession: Session {
    private let addresses: FunctionAddresses
    private let store: GivenStore?
    private let transfer: WebTransfer

    init(_ addresses: FunctionAddresses, _ store: GivenStore?, _ transfer: WebTransfer) {
        self.addresses = addresses
        self.store = store
        self.transfer = transfer
    }

    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome? {
        guard faults.isNone else { throw Skipped("nothing can be made to fail in what is deployed") }
        let start = Instant.now
        let url = try addresses.base(of: request) + request.path + (request.query.map { "?" + $0 } ?? "")
        let response = try await transfer.response(to: request, at: url)
        var outcome = try await Outcome(of: response, since: start)
        outcome.keepsChunks = false
        return outcome
    }

    func origin(of request: Request) -> String {
        // An event without an address was sent to nobody.
        (try? addresses.base(of: request)) ?? ""
    }

    func advance(by span: TimeSpan) throws {
        throw Skipped("time cannot be moved there")
    }

    func contents() async throws -> JSON? {
        guard let store else { throw Skipped("the deployment's store cannot be asked without --redis URL") }
        return try await store.contents()
    }

    func end() async {
        await store?.remove()
    }
}
