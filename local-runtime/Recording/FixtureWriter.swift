import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeFixtures
import StreamTokens
import StreamTokensTokenFunction

/// Writes calls as fixtures. Each is replayed first, and only written if it passes.
struct FixtureWriter {
    /// Why a call cannot be recorded.
    struct Unrecordable: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    private var folder: FixtureFolder
    private let store: any LocalStore.Base
    private let settings: JSON?
    /// The fields of requests that are kept.
    private let fields: [Headers.Name]
    /// Whether the workflows are the built-in ones, which a replay has too.
    private let isBuiltIn: Bool
    private let loop: EventLoop
    private var mints = RecordedMints()

    /// `environment` is that of the functions; `store` is used on `loop`.
    init(_ folder: FixtureFolder, _ store: any LocalStore.Base, environment: [String: String], loop: EventLoop) {
        self.folder = folder
        self.store = store
        self.loop = loop
        isBuiltIn = environment["WORKFLOW_URL", default: ""].isEmpty
        fields = RecordedEvent.fields(environment)
        // A secret is not recorded, and no response may depend on it.
        let settings = FunctionSettings.names.filter { $0 != "ADMIT_SECRET" }.compactMap { name in
            environment[name].map { JSON.Member(name: name, value: .string($0)) }
        }
        self.settings = settings.isEmpty ? nil : .object(settings)
    }

    mutating func write(_ call: RecordedCall) async throws(Unrecordable) {
        let content = call.content
        guard !content.isTooLong, let response = content.response else {
            throw Unrecordable("it has more than \(RecordedCall.sizeLimit) bytes, or too many wait to be recorded")
        }
        guard !content.isBroken else { throw Unrecordable("the request's body broke off") }

        var secrets = Placeholders()
        let policy = content.policy
        if let policy { try RecordedPolicy.hide(policy, in: &secrets) }
        let hasPolicy = call.request.method == .post && call.request.path.hasSameBytes(as: TokenFunction.path)
        let body = hasPolicy ? try RecordedPolicy.body(content.body) : content.body
        let event = RecordedEvent.json(
            of: call.request,
            keeping: fields,
            body: body,
            keepsOwnOrigin: policy?.origins != nil,
            &secrets
        )
        var given = try await RecordedGiven(content, store, secrets, mints)
        given.settings = settings
        try given.add(content, isBuiltIn: isBuiltIn, &secrets)
        // The whole response, except what is new each time.
        var expectation = Snapshot(isLive: true, isExact: true).members(
            of: response,
            body: content.responseBody,
            isComplete: content.isComplete
        ) { text in
            StreamToken(text) != nil && !secrets.hasReplaced(text)
                ? .newToken(Placeholders.tag) : .text(secrets.replaced(in: text))
        }
        expectation = expectation.map { member in
            .init(name: member.name, value: member.value.mapTexts { .string(secrets.withoutHidden($0)) })
        }
        var file = RecordedFile.fixture(event: event, expectation: given.whole(expectation))
        // A scenario sets the workflow up before its token is minted, so the workflow cannot repeat the token.
        if let (token, mint) = content.usedToken(from: mints), let text = secrets.text(for: token),
            given.workflow?.description.contains(text) != true
        {
            file = .scenario(
                RecordedScenario.json(mint: mint, given: given, token: text, event: event, expectation: expectation)
            )
        }
        let path = secrets.replaced(inPath: call.request.path)

        guard !file.hasSecret else { throw Unrecordable("it contains a secret in a form that is not replaced") }
        if let difference = try await file.difference(on: loop) {
            // It may show what is hidden.
            throw Unrecordable("in a replay, \(policy?.variables == nil ? difference : "it differs")")
        }
        do throws(FixtureFolder.CannotWrite) {
            try folder.write(file, as: Self.name(call.request.method, path: path, response.status))
        } catch {
            throw Unrecordable(error.description)
        }
        if case .minted(let token, _, let ttl, .minted)? = content.storeEvents.first {
            mints.add(RecordedMint(ttl: ttl, event: event, expectation: expectation, key: given.key), of: token)
        }
    }

    private static let maxName = 60

    /// The name of a recording without its number, such as `token-200` or `post-run-echo-stream-200`: the method unless it
    /// is GET, the path without `/api/v1`, and the status.
    private static func name(_ method: Method, path: String, _ status: Status) -> String {
        let path = path.hasPrefix("/api/v1/") ? path.dropFirst("/api/v1".count) : path[...]
        let words = (method == .get ? "" : method.name + "/") + path
        let parts = words.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let text = parts.joined(separator: "-").prefix(maxName)
        return (text.isEmpty ? "root" : text) + "-\(status)"
    }
}

extension RecordedGiven {
    /// The expectation file: the given state, the expected response, and what the store holds afterwards.
    fileprivate func whole(_ expectation: [JSON.Member]) -> JSON {
        let given = json.map { [JSON.Member(name: "given", value: $0)] } ?? []
        let store = store.map { [JSON.Member(name: "store", value: $0)] } ?? []
        return .object(given + expectation + store)
    }
}
