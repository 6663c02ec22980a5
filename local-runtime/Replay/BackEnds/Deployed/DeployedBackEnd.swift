import Foundation
import FunctionCore
import FunctionEventLoop
import FunctionTesting
package import LocalRuntimeConsole
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
        guard let store else {
            return (fixture, DeployedSession(addresses: addresses, store: nil, transfer: transfer))
        }
        let fixture = try fixture.withOwnSecrets()
        let given = try await GivenStore(fixture.given, in: store, isLive: true)
        return (fixture, DeployedSession(addresses: addresses, store: given, transfer: transfer))
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
    let addresses: FunctionAddresses
    let store: GivenStore?
    let transfer: WebTransfer

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

/// Where deployed functions are.
package struct FunctionAddresses: Sendable {
    /// URLs without a slash at their ends, by the functions' names; one that is missing is not there.
    private var all: [String: String] = [:]

    /// Of one URL for all, or one that is named for each: `token=https://…`.
    package init(_ texts: [String]) throws(CommandFailure) {
        for text in texts {
            let names = PackageFunction.places.map(\.name)
            guard let name = names.first(where: { text.hasPrefix($0 + "=") }) else {
                guard texts.count == 1 else {
                    throw .usage("--url is given more than once: write --url token=URL --url stream=URL")
                }
                let url = try Self.url(text)
                for name in names { all[name] = url }
                return
            }
            guard all[name] == nil else { throw .usage("--url \(name)= is given more than once") }
            all[name] = try Self.url(String(text.dropFirst(name.count + 1)))
        }
    }

    /// What stands before the path of a request.
    func base(of request: Request) throws(Skipped) -> String {
        let name = PackageFunction.name(at: request.path) ?? "token"
        guard let base = all[name] else { throw Skipped("no --url \(name)=URL is given") }
        return base
    }

    private static func url(_ text: String) throws(CommandFailure) -> String {
        let parts = URLComponents(string: text)
        guard let parts, ["http", "https"].contains(parts.scheme?.lowercased()), parts.host?.isEmpty == false,
            parts.query == nil, parts.fragment == nil
        else { throw .usage("--url must be http://host[:port][/base] or https://…, not \"\(text)\"") }
        guard parts.user == nil, parts.password == nil else {
            throw .usage("--url must hold no user and no password")
        }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }
}
