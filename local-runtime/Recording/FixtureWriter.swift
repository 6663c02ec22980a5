import FunctionCore
import FunctionEventLoop
import FunctionTesting
import LocalRuntimeFixtures
import StreamTokens

/// Writes calls as fixtures, each after a replay has shown that it comes out as it was.
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
    /// Whether the workflows are those that a replay has too.
    private let isBuiltIn: Bool
    private let loop: EventLoop
    private var mints = RecordedMints()

    /// `environment` is that of the functions; `store` is asked on `loop`.
    init(_ folder: FixtureFolder, _ store: any LocalStore.Base, environment: [String: String], loop: EventLoop) {
        self.folder = folder
        self.store = store
        self.loop = loop
        isBuiltIn = environment["WORKFLOW_URL", default: ""].isEmpty
        let settings = FunctionSettings.names.compactMap { name in
            environment[name].map { JSON.Member(name: name, value: .string($0)) }
        }
        self.settings = settings.isEmpty ? nil : .object(settings)
    }

    mutating func write(_ call: RecordedCall) async throws(Unrecordable) {
        let content = call.content
        guard !content.isTooLong, let response = content.response else {
            throw Unrecordable("it has more than \(RecordedCall.sizeLimit) bytes, or as many wait to be recorded")
        }
        guard !content.isBroken else { throw Unrecordable("the request's body came to no end") }

        var secrets = Placeholders()
        let event = RecordedEvent.json(of: call.request, body: content.body, &secrets)
        var given = try await RecordedGiven(content, store, secrets, mints)
        given.settings = settings
        try given.add(content, isBuiltIn: isBuiltIn, &secrets)
        // Everything that was answered, but for what is new each time.
        let expectation = Snapshot(isLive: true, isExact: true).members(
            of: response,
            body: content.answer,
            isComplete: content.isComplete
        ) { text in
            StreamToken(text) != nil && !secrets.hasReplaced(text)
                ? .newToken(Placeholders.tag) : .text(secrets.replaced(in: text))
        }
        var file = RecordedFile.fixture(event: event, expectation: given.whole(expectation))
        // A workflow is given before there is a token that it could repeat.
        if let (token, mint) = content.spent(mints), let text = secrets.text(for: token),
            given.workflow?.description.contains(text) != true
        {
            file = .scenario(
                RecordedScenario.json(mint: mint, given: given, token: text, event: event, expectation: expectation)
            )
        }
        let path = secrets.replaced(inPath: call.request.path)

        guard !file.hasSecret else { throw Unrecordable("a secret stands in it in a form that is not replaced") }
        if let difference = try await file.difference(on: loop) { throw Unrecordable("replayed, \(difference)") }
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

    /// What a recording is called, but for its number: `token-200`, `post-run-echo-stream-200`, of the method but for GET,
    /// the path without `/api/v1`, and the status.
    private static func name(_ method: Method, path: String, _ status: Status) -> String {
        let path = path.hasPrefix("/api/v1/") ? path.dropFirst("/api/v1".count) : path[...]
        let words = (method == .get ? "" : method.name + "/") + path
        let parts = words.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let text = parts.joined(separator: "-").prefix(maxName)
        return (text.isEmpty ? "root" : text) + "-\(status)"
    }
}

extension RecordedGiven {
    /// An expectation: what is given, what has to come, and what the store holds then.
    fileprivate func whole(_ expectation: [JSON.Member]) -> JSON {
        let given = json.map { [JSON.Member(name: "given", value: $0)] } ?? []
        let store = store.map { [JSON.Member(name: "store", value: $0)] } ?? []
        return .object(given + expectation + store)
    }
}
