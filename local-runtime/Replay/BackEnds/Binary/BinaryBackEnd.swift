import FunctionCore
import FunctionEventLoop
import FunctionRedis
import FunctionTLS
import FunctionTesting
import LocalRuntimeConsole
import LocalRuntimeFixtures
import LocalRuntimeLambda
import StreamTokensWiring

/// Runs fixtures with the functions' executables, as on Lambda behind a function URL that streams.
struct BinaryBackEnd: BackEnd {
    let name = "binary"
    private let binaries: Binaries
    private let store: LocalStore
    private let redis: LocalStore.Redis
    private let processGuard: ProcessGuard
    private let loop: EventLoop

    /// `redis` is the server of `store`.
    init(_ binaries: Binaries, _ store: LocalStore, _ redis: LocalStore.Redis, on loop: EventLoop) throws(SystemError) {
        self.binaries = binaries
        self.store = store
        self.redis = redis
        processGuard = try ProcessGuard()
        self.loop = loop
    }

    func open(_ fixture: Fixture) async throws -> (fixture: Fixture, session: any Session) {
        try Task.checkCancellation()
        try Self.checkOutputs(fixture)
        try Self.checkSilence(fixture)
        if fixture.given.settings.resumes { throw Skipped("streams cannot be resumed on Lambda") }
        let fixture = try fixture.withOwnSecrets()
        let needsGate = fixture.needForStillTime != nil || fixture.deliveries.contains(where: \.faults.needGate)
        let given = try await GivenStore(fixture.given, in: store, isLive: !needsGate)
        return (fixture, BinarySession(self, given, fixture, needsGate: needsGate))
    }

    /// The functions under `given` and `faults`. One process runs up to `slots` requests at once. `time`, in milliseconds
    /// since 1970, is the store's clock; nil for Redis' own.
    func functions(_ given: Given, _ faults: Faults, slots: Int, time: (@Sendable () -> Int)?) -> EmulatedFunctions {
        var settings = LambdaSettings()
        settings.timeout =
            faults.deadline.map { max(.milliseconds($0.milliseconds), Self.shortestDeadline) } ?? .seconds(30)
        settings.slots = slots
        var variables = given.variables
        variables["LAMBDA_INVOKE_MODE"] = "response_stream"
        variables["REDIS_URL"] = redis.server.text
        let isDown = if case .down? = faults.store { true } else { given.isStoreDown }
        if isDown {
            variables["REDIS_URL"] = Self.nobody
        } else if redis.server.url.isEncrypted, time == nil {
            variables.merge(RedisTLSSettings.environment(of: redis.server.tls.options)) { $1 }
        }
        // This process stands between the functions and Redis, and is slower because it has more to do.
        if time != nil, faults.store == nil, !isDown { variables["REDIS_TIMEOUT_MS"] = "20000" }
        let plan = isDown ? nil : time.map { RedisGate.Plan(client: redis.client, now: $0, faults: faults) }
        let workflow = faults.workflow ?? given.workflow
        if faults.deadline == nil, (workflow as? GivenWorkflow)?.endsInSilence == true {
            variables["WORKFLOW_FIRST_BYTE_SECONDS"] = "2"
            variables["WORKFLOW_SILENCE_SECONDS"] = "2"
        }
        settings.variables = variables
        return EmulatedFunctions(binaries, settings, workflow: workflow, gate: plan, processGuard, on: loop)
    }

    /// Lambda has no timeout under a second. A function needs the last quarter to end its streams, even on a busy machine.
    private static let shortestDeadline = Interval.seconds(2)

    /// A longer output may arrive in pieces over a socket, each of which becomes an event.
    private static let maxPiece = 4096

    private static func checkSilence(_ fixture: Fixture) throws(Skipped) {
        let workflows = fixture.deliveries.map(\.faults.workflow) + [fixture.given.workflow]
        guard workflows.contains(where: { ($0 as? GivenWorkflow)?.silence != nil }) else { return }
        throw Skipped("a workflow's silence would have to pass there")
    }

    private static func checkOutputs(_ fixture: Fixture) throws(Skipped) {
        let workflows = fixture.deliveries.map(\.faults.workflow) + [fixture.given.workflow]
        let maxLength = workflows.compactMap { ($0 as? GivenWorkflow)?.maxOutput }.max() ?? 0
        let wantsEvents = fixture.deliveries.flatMap { $0.event.example.headers.values(of: .accept) }.contains {
            $0.string.contains("text/event-stream")
        }
        guard maxLength > maxPiece, wantsEvents else { return }
        throw Skipped("an output of \(maxLength) bytes may come in pieces there, as several events")
    }

    /// An address without a server.
    private static let nobody = "unix:///proc/nobody.sock"
}

/// The functions' executables, by the functions' names.
struct Binaries: Sendable {
    private let all: [String: Bootstrap]

    /// Where `script/build` puts them.
    static let defaultFolder = ".build/functions"

    init(in folder: String) throws(CommandFailure) {
        var all: [String: Bootstrap] = [:]
        for function in PackageFunction.places {
            do throws(CommandFailure) {
                all[function.name] = try Bootstrap(folder + "/" + function.name)
            } catch {
                throw .couldNotRun(
                    "\(error.message); script/build makes the executables in \(Self.defaultFolder), with a Swift toolchain"
                )
            }
        }
        self.all = all
    }

    subscript(name: String) -> Bootstrap {
        guard let executable = all[name] else { preconditionFailure("\(name) is not a function of this package") }
        return executable
    }
}
