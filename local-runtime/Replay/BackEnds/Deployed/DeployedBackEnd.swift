import FunctionCore
import FunctionEventLoop
import FunctionHTTP
import FunctionTesting
package import LocalRuntimeConsole
import LocalRuntimeFixtures
import StreamTokensHTTPWorkflow

/// Runs fixtures against deployed functions.
struct DeployedBackEnd: BackEnd {
    let name = "url"
    private let addresses: FunctionAddresses
    /// The store of the deployed functions; nil if it cannot be reached.
    private let store: LocalStore?
    private let transfer: WebTransfer

    /// Throws if `environment` names a proxy for one of the addresses.
    init(
        _ addresses: FunctionAddresses,
        _ store: LocalStore?,
        environment: [String: String],
        on loop: EventLoop
    ) throws(CommandFailure) {
        for address in addresses.all.values {
            let origin = address.url.origin
            guard let proxy = ProxyVariables.name(for: origin, in: environment) else { continue }
            throw .couldNotRun(
                "\(proxy) names a proxy, but --url uses none: unset it, or put \(origin.host) into no_proxy"
            )
        }
        self.addresses = addresses
        self.store = store
        transfer = WebTransfer(on: loop)
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
        guard !given.isStoreDown else { throw Skipped("the deployment's store is not down") }
        guard given.workflow == nil else { throw Skipped("the deployment has its own workflows") }
        guard given.variables.isEmpty else { throw Skipped("the deployment has its own settings") }
        guard store != nil || given.organizations.isEmpty else {
            throw Skipped("the organizations must be created in the deployment's Redis: --redis URL")
        }
        if let need = fixture.needForStillTime { throw Skipped(need) }
    }
}

private struct DeployedSession: Session {
    let addresses: FunctionAddresses
    let store: GivenStore?
    let transfer: WebTransfer

    func deliver(_ request: Request, under faults: Faults) async throws -> Outcome? {
        guard faults.isNone else { throw Skipped("faults cannot be caused in the deployment") }
        guard request.headers["sec-fetch-site"] == nil else {
            throw Skipped("a page's own origin is the deployment's, not the one in the event")
        }
        let start = Instant.now
        let url = try addresses.address(of: request).url
        let response = try await response(to: request, at: url)
        var outcome = try await Outcome(of: response, since: start)
        outcome.keepsChunks = false
        return outcome
    }

    /// Asks for an uncompressed response, because a proxy in front of the function may compress it otherwise.
    private func response(to request: Request, at url: WorkflowURL) async throws -> Response {
        guard request.headers[Self.acceptEncoding] == nil else {
            return try await transfer.response(to: request, at: url.origin, base: url.base)
        }
        var request = request
        request.headers[Self.acceptEncoding] = "identity"
        let response = try await transfer.response(to: request, at: url.origin, base: url.base)
        if let coding = response.headers["content-encoding"], coding != "identity" {
            let problem = "the server encodes its content with \(coding), although it was asked not to"
            throw WebTransfer.Failure(description: problem)
        }
        return response
    }

    private static let acceptEncoding: Headers.Name = "accept-encoding"

    func origin(of request: Request) -> String {
        // An event without an address was not sent at all.
        (try? addresses.address(of: request).text) ?? ""
    }

    func advance(by span: TimeSpan) throws {
        throw Skipped("time cannot be moved there")
    }

    func contents() async throws -> JSON? {
        guard let store else { throw Skipped("the deployment's store cannot be read without --redis URL") }
        return try await store.contents()
    }

    func restoreNames(in headers: inout Headers) {
        store?.restoreNames(in: &headers)
    }

    func end() async {
        await store?.remove()
    }
}

/// The addresses of deployed functions.
package struct FunctionAddresses: Sendable {
    /// The address of one function.
    struct Address: Sendable {
        let url: WorkflowURL
        /// As it was written, without a slash at its end.
        let text: String
    }

    /// By the functions' names. Functions that are not deployed are missing.
    private(set) var all: [String: Address] = [:]

    /// Reads one URL for all functions, or one for each by name: `token=https://…`.
    package init(_ texts: [String]) throws(CommandFailure) {
        for text in texts {
            let names = PackageFunction.places.map(\.name)
            guard let name = names.first(where: { text.hasPrefix($0 + "=") }) else {
                guard texts.count == 1 else {
                    throw .usage("--url is given more than once: write --url token=URL --url stream=URL")
                }
                let address = try Self.address(text)
                for name in names { all[name] = address }
                return
            }
            guard all[name] == nil else { throw .usage("--url \(name)= is given more than once") }
            all[name] = try Self.address(String(text.dropFirst(name.count + 1)))
        }
    }

    /// The address of the function that a request goes to.
    func address(of request: Request) throws(Skipped) -> Address {
        let name = PackageFunction.recipient(at: request.path)
        guard let address = all[name] else { throw Skipped("no --url \(name)=URL is given") }
        return address
    }

    private static func address(_ text: String) throws(CommandFailure) -> Address {
        do throws(WorkflowURLError) {
            return Address(url: try WorkflowURL(text), text: String(text.reversed().drop { $0 == "/" }.reversed()))
        } catch .userInformation {
            throw .usage("--url must not contain a user or a password")
        } catch .encrypted {
            throw .usage("--url: \(WorkflowURLError.encrypted)")
        } catch {
            throw .usage("--url must be http://host[:port][/base] or https://…, not \"\(text)\"")
        }
    }
}
